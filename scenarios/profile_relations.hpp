// Relations between parameters of the profiles that a scenario uses, which no declaration of one
// parameter can state: least and most, whole blocks, what an SSD holds. What has to hold between
// the profiles of a kind of system is checked where the kind is (SystemKind::check_relations).
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "scenarios/scenario.hpp"
#include "scenarios/text/input_error.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

class ProfileRelations {
 public:
  // Both outlive it.
  ProfileRelations(const TextNode& root, const Scenario& scenario)
      : root_(root), scenario_(scenario) {}

  // A parameter of a profile that is used.
  struct Operand {
    const Profile& profile;
    std::string_view name;

    const Value& value() const;
    template <class T>
    T as() const {
      return std::get<T>(value());
    }
    // ebs2.sector of 4KiB
    std::string text(Quantity quantity) const;
  };

  // Those of every profile among themselves. Throws InputError.
  void check() const;

  // Throws InputError at the operand that was given last: on the command line, else further down in
  // the scenario.
  [[noreturn]] void refuse(const std::vector<Operand>& operands, const std::string& message) const;

 private:
  void check(const Profile& profile) const;
  void whole_blocks(const Profile& profile, const std::vector<std::string_view>& names) const;
  const SourceMark* given(const Operand& operand) const;

  const TextNode& root_;
  const Scenario& scenario_;
};

}  // namespace orrery
