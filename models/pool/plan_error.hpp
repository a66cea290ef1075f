// What keeps a volume or an operation from being planned. Where it was asked for is known to
// whoever asked.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace orrery {

class PlanError : public std::runtime_error {
 public:
  // A name that nothing has.
  struct UnknownName {
    std::string thing;
    std::string name;
    std::vector<std::string> known;
  };

  // `keys`: of the request, what to point at: the first of them that was given, else the whole.
  PlanError(std::vector<std::string> keys, const std::string& message, std::string hint = {})
      : std::runtime_error(message), keys_(std::move(keys)), hint_(std::move(hint)) {}
  PlanError(std::string key, UnknownName unknown)
      : std::runtime_error("no " + unknown.thing + " is called '" + unknown.name + "'"),
        keys_({std::move(key)}),
        unknown_(std::move(unknown)) {}

  const std::vector<std::string>& keys() const { return keys_; }
  const std::string& hint() const { return hint_; }
  const std::optional<UnknownName>& unknown() const { return unknown_; }

 private:
  std::vector<std::string> keys_;
  std::string hint_;
  std::optional<UnknownName> unknown_;
};

}  // namespace orrery
