// Waiting for something about a node, a pod or a volume to change.
//
//   while (!node.alive) {
//     co_await news.about(id);      // until somebody tells; then look again
//   }
//
// Who waits is woken by the next `tell`, and looks itself whether what it waits for is so. Things
// nobody waits for cost nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "sim/gate.hpp"

namespace orrery::control {

class News {
 public:
  explicit News(Calendar& calendar) : calendar_(calendar) {}

  Gate::Pass about(std::uint32_t id) {
    auto& gate = gates_[id];
    if (!gate) gate = std::make_unique<Gate>(calendar_, false);
    return gate->pass();
  }
  void tell(std::uint32_t id) {
    const auto found = gates_.find(id);
    if (found == gates_.end()) return;
    found->second->open();
    found->second->close();
  }

 private:
  Calendar& calendar_;
  std::unordered_map<std::uint32_t, std::unique_ptr<Gate>> gates_;
};

}  // namespace orrery::control
