// Which toleration is for which taint.
#include "models/control/kubernetes/taints.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace orrery::control {

namespace {

bool is_for(const Toleration& toleration, const Taint& taint) {
  if (toleration.effect && *toleration.effect != taint.effect) return false;
  if (!toleration.key.empty() && toleration.key != taint.key) return false;
  return toleration.exists || toleration.value == taint.value;
}

// Many tolerations, looked up by all that they say.
class TolerationTable {
 public:
  explicit TolerationTable(std::span<const Toleration> all) {
    for (const Toleration& each : all)
      known_.emplace(each.key, each.exists, each.exists ? std::string_view{} : each.value,
                     each.effect ? static_cast<int>(*each.effect) : kEither);
  }
  bool has(const Taint& taint) const {
    for (const std::string_view key : {std::string_view{}, std::string_view{taint.key}})
      for (const int effect : {kEither, static_cast<int>(taint.effect)})
        if (known_.contains({key, true, {}, effect}) ||
            known_.contains({key, false, taint.value, effect}))
          return true;
    return false;
  }

 private:
  static constexpr int kEither = -1;
  std::set<std::tuple<std::string_view, bool, std::string_view, int>> known_;
};

}  // namespace

const Taint* untolerated(std::span<const Taint> taints, std::span<const Toleration> tolerations) {
  constexpr std::size_t kFew = 1024;  // pairs
  if (taints.size() * tolerations.size() > kFew) {
    const TolerationTable known(tolerations);
    const auto found = std::find_if(taints.begin(), taints.end(),
                                    [&](const Taint& taint) { return !known.has(taint); });
    return found == taints.end() ? nullptr : &*found;
  }
  const auto found = std::find_if(taints.begin(), taints.end(), [&](const Taint& taint) {
    return std::none_of(tolerations.begin(), tolerations.end(),
                        [&](const Toleration& toleration) { return is_for(toleration, taint); });
  });
  return found == taints.end() ? nullptr : &*found;
}

std::span<const Taint> unreachable_taints() {
  static const std::array all = {
      Taint{"node.kubernetes.io/unreachable", "", TaintEffect::no_schedule},
      Taint{"node.kubernetes.io/unreachable", "", TaintEffect::no_execute}};
  return all;
}

bool tolerates_loss(std::span<const Toleration> tolerations) {
  return untolerated(unreachable_taints().subspan(1), tolerations) == nullptr;
}

std::optional<Toleration> toleration_from(std::string_view text) {
  Toleration toleration;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view effect = text.substr(colon + 1);
    if (effect == "NoSchedule") toleration.effect = TaintEffect::no_schedule;
    else if (effect == "NoExecute") toleration.effect = TaintEffect::no_execute;
    else return std::nullopt;
    text = text.substr(0, colon);
  }
  if (const auto equals = text.find('='); equals != std::string_view::npos) {
    toleration.exists = false;
    toleration.value = text.substr(equals + 1);
    text = text.substr(0, equals);
  }
  if (text.empty()) return std::nullopt;
  toleration.key = text;
  return toleration;
}

std::optional<Taint> taint_from(std::string_view text) {
  auto parts = toleration_from(text);
  if (!parts) return std::nullopt;
  return Taint{std::move(parts->key), std::move(parts->value),
               parts->effect.value_or(TaintEffect::no_schedule)};
}

}  // namespace orrery::control
