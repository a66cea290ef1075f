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
    if (changed.up()) start();
    else gone(false);
  });
}

void StorageEngine::stop() {
  if (running_) gone(true);
}

void StorageEngine::gone(bool is_heard) {
  running_ = false;
  ++incarnation_;
  intake_.open();  // whoever waits finds out that it is gone
  for (auto& call : observers_) call(is_heard);
}

void StorageEngine::start() {
  if (running_) return;
  running_ = true;
  intake_.open();
}

}  // namespace orrery
