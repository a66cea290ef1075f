#include "models/pool/engine.hpp"

namespace orrery {

StorageEngine::StorageEngine(Node& node, const EngineProfile& profile, std::vector<Ssd*> ssds)
    : node_(node),
      profile_(profile),
      intake_(node.cpu().calendar()),
      drained_(node.cpu().calendar()),
      operations_(node.cpu().calendar(), 1) {
  for (std::int64_t i = 0; i < profile.reactors; ++i)
    reactors_.push_back(Thread::pinned(node.cpu(), static_cast<std::size_t>(i)));
  if (!ssds.empty()) {
    store_ = std::make_unique<VolumeStore>(calendar(), node.name() + "/pool", std::move(ssds),
                                           volume_store_profile(profile));
  }
  node.observe([this](Node& changed) {
    if (changed.up()) run_if_nothing_holds();
    else gone(false);
  });
}

void StorageEngine::stop() {
  ++held_down_;
  if (running_) gone(true);
  else ++incarnation_;  // the process that was about to take up work
}

void StorageEngine::gone(bool is_heard) {
  running_ = false;
  ++incarnation_;
  intake_.open();  // whoever waits finds out that it is gone
  for (auto& call : observers_) call(is_heard);
}

void StorageEngine::start() {
  --held_down_;
  run_if_nothing_holds();
}

void StorageEngine::run_if_nothing_holds() {
  if (running_ || held_down_ > 0 || !node_.up()) return;
  running_ = true;
  intake_.open();
}

}  // namespace orrery
