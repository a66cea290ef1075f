#include "models/pool/attachment.hpp"

namespace orrery {

Attachment::Attachment(Initiator& host, TaskScope& scope, EngineVolume served, bool uses_engine)
    : host_(host),
      served_(served),
      incarnation_(served.engine->incarnation()),
      controller_(
          host.calendar(), scope, host.profile(), [this] { return connect(); },
          [this] { return keep_alive(); }, [this] { disconnect(); }) {
  if (!uses_engine) return;
  served.engine->on_stop([this](bool is_heard) {
    if (is_heard || !is_remote()) controller_.lose();
  });
}

Task<bool> Attachment::connect() {
  if (!engine().is_running()) co_return false;
  co_await Delay(calendar(), costs().connect_time);
  if (!engine().is_running()) co_return false;
  take_incarnation();
  co_return true;
}

Task<bool> Attachment::keep_alive() { co_return engine().is_running(); }

}  // namespace orrery
