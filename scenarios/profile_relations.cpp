#include "scenarios/profile_relations.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/pool/volume_store.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/systems/system_kind.hpp"
#include "scenarios/text/value_text.hpp"
#include "sim/written_size.hpp"

namespace orrery {

namespace {

// A parameter of a profile that is used.
struct Operand {
  const Profile& profile;
  std::string_view name;

  const Value& value() const {
    for (const auto& [key, parameter] : profile.parameters)
      if (key == name) return parameter.value;
    static const Value none = std::int64_t{0};
    return none;
  }
  template <class T>
  T as() const {
    return std::get<T>(value());
  }
  std::string text(Quantity quantity) const {
    return fmt::format("{}.{} of {}", profile.name, name, format_value(quantity, value()));
  }
};

class Relations {
 public:
  Relations(const TextNode& root, const Scenario& scenario) : root_(root), s_(scenario) {}

  void check() const {
    for (const auto& [name, profile] : s_.profiles) check(profile);
    if (s_.kind->has_engines) check_pool();
    if (s_.kind->has_backend) check_ebs();
  }

 private:
  // Those of one profile among themselves.
  void check(const Profile& profile) const {
    const auto ordered = [&](std::string_view less, std::string_view more, Quantity quantity) {
      const Operand a{profile, less}, b{profile, more};
      if (b.value() < a.value())
        refuse({a, b}, fmt::format("{} is more than {}", a.text(quantity), b.text(quantity)));
    };
    const auto has = [&](std::string_view name) {
      for (const auto& [key, parameter] : profile.parameters)
        if (key == name) return true;
      return false;
    };
    if (has("least_timeout")) ordered("least_timeout", "most_timeout", Quantity::duration);
    if (has("mark_from")) ordered("mark_from", "mark_to", Quantity::duration);
    if (has("dirty_low")) ordered("dirty_low", "dirty_high", Quantity::ratio);
    if (profile.model == "ebs") whole_blocks(profile, {"segment", "sector", "largest_rpc"});
    if (profile.model == "tier") whole_blocks(profile, {"capacity", "line_size", "flush_run"});
    if (find_ssd(profile.model) != nullptr)
      whole_blocks(profile, {"max_transfer", "stripe_unit", "indirection_unit"});
  }

  void whole_blocks(const Profile& profile, std::vector<std::string_view> names) const {
    for (const std::string_view name : names)
      for (const auto& [key, parameter] : profile.parameters)
        if (key == name && std::get<Bytes>(parameter.value) % kBlock != Bytes{})
          refuse({{profile, name}}, fmt::format("{} is not whole blocks of 4 KiB",
                                                Operand{profile, name}.text(Quantity::bytes)));
  }

  void check_ebs() const {
    const Operand sector{s_.profile(s_.ebs.profile), "sector"};
    const Profile& ssd = s_.profile(s_.storage.ssd);
    if (ssd_capacity(ssd) < sector.as<Bytes>())
      refuse({sector, {ssd, "capacity"}},
             fmt::format("an SSD of {} holds no {}", written_size(ssd_capacity(ssd)),
                         sector.text(Quantity::bytes)));
  }

  void check_pool() const {
    const Profile& engine = s_.profile(s_.pool.engine);
    const Operand cluster{engine, "cluster"};
    for (const std::string_view name : {"cluster", "strip", "max_transfer"}) {
      const Operand size{engine, name};
      if (!std::has_single_bit(static_cast<std::uint64_t>(size.as<Bytes>().count())))
        refuse({size}, fmt::format("{} is no power of two", size.text(Quantity::bytes)));
      if (size.as<Bytes>() > cluster.as<Bytes>())
        refuse({size, cluster}, fmt::format("{} is more than {}", size.text(Quantity::bytes),
                                            cluster.text(Quantity::bytes)));
    }
    std::vector<std::string> ssds = {s_.storage.ssd};
    if (s_.compute.ssds_per_server > 0) ssds.push_back(s_.compute.ssd);
    if (s_.storage.capacity_ssds_per_server > 0) ssds.push_back(s_.storage.capacity_ssd);
    for (const std::string& name : ssds) {
      const Bytes capacity = ssd_capacity(s_.profile(name));
      const std::int64_t clusters = capacity / cluster.as<Bytes>();
      if (clusters < 1 || clusters >= ClusterPlace::kClusters)
        refuse({cluster, {s_.profile(name), "capacity"}},
               fmt::format("an SSD of {} holds {} of {}", written_size(capacity),
                           clusters < 1 ? "none" : "too many", cluster.text(Quantity::bytes)));
    }
  }

  // At the operand that was given last: on the command line, else further down in the scenario.
  [[noreturn]] void refuse(std::vector<Operand> operands, const std::string& message) const {
    const SourceMark* last = nullptr;
    const auto is_argument = [](const SourceMark& mark) { return mark.file.starts_with("--"); };
    for (const Operand& operand : operands) {
      const SourceMark* mark = given(operand);
      if (mark == nullptr) continue;
      const bool is_later = last == nullptr || (is_argument(*mark) && !is_argument(*last)) ||
                            (is_argument(*mark) == is_argument(*last) && mark->line >= last->line);
      if (is_later) last = mark;
    }
    throw InputError(last != nullptr ? *last : root_.mark, message);
  }

  const SourceMark* given(const Operand& operand) const {
    const TextNode::Entry* all = root_.entry("profiles");
    const TextNode::Entry* mine = all == nullptr ? nullptr : all->value.entry(operand.profile.name);
    const TextNode::Entry* entry = mine == nullptr ? nullptr : mine->value.entry(operand.name);
    return entry == nullptr ? nullptr : &entry->value.mark;
  }

  const TextNode& root_;
  const Scenario& s_;
};

}  // namespace

void check_relations(const TextNode& root, const Scenario& scenario) {
  Relations(root, scenario).check();
}

}  // namespace orrery
