// Which toleration is for which taint.
#include "models/control/kubernetes/taints.hpp"

#include <algorithm>

namespace orrery::control {

namespace {

bool is_for(const Toleration& toleration, const Taint& taint) {
  if (toleration.effect && *toleration.effect != taint.effect) return false;
  if (!toleration.key.empty() && toleration.key != taint.key) return false;
  return toleration.exists || toleration.value == taint.value;
}

}  // namespace

const Taint* untolerated(std::span<const Taint> taints, std::span<const Toleration> tolerations) {
  const auto found = std::find_if(taints.begin(), taints.end(), [&](const Taint& taint) {
    return std::none_of(tolerations.begin(), tolerations.end(),
                        [&](const Toleration& toleration) { return is_for(toleration, taint); });
  });
  return found == taints.end() ? nullptr : &*found;
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
