#include "models/pool/hot_upgrade.hpp"

#include "sim/semaphore.hpp"

namespace orrery {

Task<> hot_upgrade(StorageEngine& engine, std::vector<PooledVolume*> volumes, UpgradeMode mode,
                   const OperationsProfile& profile, RandomStream& random, UpgradeReport& report) {
  Calendar& calendar = engine.calendar();
  report.requested = calendar.now();
  co_await engine.operations().acquire();
  Permit turn(engine.operations());
  // Those that are attached by now: a migration may have come first.
  std::erase_if(volumes, [&engine](PooledVolume* volume) {
    return &volume->attachment().engine() != &engine || volume->attachment().kind() == "native";
  });

  // 1. The new process is loaded.
  co_await Delay(calendar, profile.upgrade_start);
  if (!engine.is_running()) {
    report.failure = "the engine was not running";
    co_return;
  }

  // 2. The intake closes, and what is in flight drains.
  const std::uint32_t before = engine.incarnation();
  report.closed = calendar.now();
  engine.intake().close();
  co_await engine.drained();
  report.drained = calendar.now();
  if (engine.incarnation() != before) {
    report.failure = "the engine died";
    engine.intake().open();
    co_return;
  }

  // 3. The old process exits.
  const bool is_inherited = mode == UpgradeMode::inherit;
  if (!is_inherited) {
    if (mode == UpgradeMode::reconnect)
      for (PooledVolume* volume : volumes)
        volume->attachment().controller().set_retry(profile.upgrade_retry);
    engine.stop();
  }
  const std::uint32_t stopped = engine.incarnation();
  co_await Delay(calendar, profile.upgrade_exit);

  // 4. The new one looks, takes over, restores.
  co_await Delay(calendar, scaled(profile.upgrade_notice, random.uniform()));
  co_await Delay(calendar, profile.upgrade_restore + profile.upgrade_restore_volume *
                                                         static_cast<std::int64_t>(volumes.size()));
  report.restored = calendar.now();
  const bool has_died = engine.incarnation() != stopped || !engine.node().up();

  // 5. I/O goes on.
  is_inherited ? engine.intake().open() : engine.start();
  if (has_died) {
    report.failure = "the engine died";
    co_return;
  }
  for (PooledVolume* volume : volumes) {
    Controller& controller = volume->attachment().controller();
    if (!is_inherited) co_await controller.decided().pass();
    const TimePoint open = is_inherited ? report.restored : controller.connected_at();
    if (!controller.is_gone()) report.pauses.push_back({volume->name(), open - report.closed});
    else report.failure = volume->name() + " was given up by its host";
  }
  report.is_done = report.failure.empty();
}

}  // namespace orrery
