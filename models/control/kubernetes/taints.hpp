// Taints, which keep pods off nodes, and tolerations, which let them on.
//
// Source: Kubernetes, core/v1 Toleration.ToleratesTaint and the plug-in TaintToleration.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orrery::control {

enum class TaintEffect : std::uint8_t { no_schedule, no_execute };

struct Taint {
  std::string key;
  std::string value;
  TaintEffect effect = TaintEffect::no_schedule;
  friend bool operator==(const Taint&, const Taint&) = default;
};

struct Toleration {
  std::string key;     // empty: of every taint
  bool exists = true;  // whatever its value
  std::string value;
  std::optional<TaintEffect> effect;  // none: of either effect
  friend bool operator==(const Toleration&, const Toleration&) = default;
};

// The first taint that no toleration is for; nullptr if there is none.
const Taint* untolerated(std::span<const Taint> taints, std::span<const Toleration> tolerations);

// Taints of a node that is not heard of, in their order.
std::span<const Taint> unreachable_taints();
// Whether a pod stays on such a node for good.
bool tolerates_loss(std::span<const Toleration> tolerations);

// "key", "key=value", "key:NoExecute", "key=value:NoSchedule", as kubectl writes them; nothing for
// other texts. A taint without an effect is one of NoSchedule; a toleration without a value is for
// every value, without an effect for either.
std::optional<Taint> taint_from(std::string_view text);
std::optional<Toleration> toleration_from(std::string_view text);

}  // namespace orrery::control
