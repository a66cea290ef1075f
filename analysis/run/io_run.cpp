#include "analysis/run/io_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "analysis/result/application_summary.hpp"
#include "analysis/result/pool_summary.hpp"
#include "analysis/result/provenance.hpp"
#include "analysis/result/resource_usage.hpp"
#include "analysis/result/summary.hpp"
#include "analysis/run/run_checks.hpp"
#include "analysis/version.hpp"
#include "models/faults/fault_injector.hpp"
#include "models/workload/application_recorder.hpp"
#include "models/workload/database_registry.hpp"
#include "models/workload/fault_impact.hpp"
#include "models/workload/generator.hpp"
#include "models/workload/recorder.hpp"
#include "scenarios/application_section.hpp"
#include "scenarios/platform_of.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/system.hpp"
#include "scenarios/systems/pool/pool_operations.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/value_text.hpp"
#include "sim/random.hpp"
#include "sim/simulation.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

// The jobs of a scenario at work: a recorder per job, a generator per job and volume.
struct JobAtWork {
  const JobSpec* spec;
  std::unique_ptr<JobRecorder> recorder;
  std::vector<std::unique_ptr<Generator>> generators;
};

constexpr int kTimelinePoints = 100;

std::vector<JobAtWork> start_jobs(Calendar& calendar, const Scenario& scenario, System& system,
                                  std::uint64_t seed, FaultImpact& log) {
  std::vector<JobAtWork> jobs;
  for (const JobSpec& spec : scenario.workload) {
    JobAtWork job{&spec, nullptr, {}};
    job.recorder = std::make_unique<JobRecorder>(
        spec, kStart, std::max(spec.whole_runtime() / kTimelinePoints, Duration{1}));
    job.recorder->set_log(log, jobs.size());
    for (std::size_t v = 0; v < system.volumes().size(); ++v)
      if (matches(spec.filename, system.volumes()[v]->name()))
        job.generators.push_back(std::make_unique<Generator>(calendar, *system.volumes()[v],
                                                             *job.recorder, spec, seed, v));
    jobs.push_back(std::move(job));
  }
  for (JobAtWork& job : jobs)
    for (auto& generator : job.generators) generator->start();
  return jobs;
}

// The applications at work: a recorder per application, a database per application and volume. In
// the log they come after the jobs.
struct ApplicationAtWork {
  const ApplicationSpec* spec;
  std::unique_ptr<ApplicationRecorder> recorder;
  std::vector<std::unique_ptr<Database>> databases;
};

std::vector<ApplicationAtWork> start_applications(Calendar& calendar, const Scenario& scenario,
                                                  System& system, std::uint64_t seed,
                                                  FaultImpact& log) {
  std::vector<ApplicationAtWork> applications;
  for (const ApplicationSpec& spec : scenario.applications) {
    const DatabaseEntry& kind = *find_database(spec.kind);
    ApplicationAtWork application{&spec, nullptr, {}};
    application.recorder = std::make_unique<ApplicationRecorder>(
        spec, kind.operations(), kStart,
        std::max(spec.whole_runtime() / kTimelinePoints, Duration{1}));
    application.recorder->set_log(log, scenario.workload.size() + applications.size());
    for (std::size_t v = 0; v < system.volumes().size(); ++v) {
      BlockVolume& volume = *system.volumes()[v];
      if (!matches(spec.filename, volume.name())) continue;
      application.databases.push_back(
          kind.make({calendar, volume, host_cpu_of(system, scenario, volume.name()), seed, v}, spec,
                    scenario.profile(engine_profile(spec)), *application.recorder));
    }
    applications.push_back(std::move(application));
  }
  for (ApplicationAtWork& application : applications)
    for (auto& database : application.databases) database->start();
  return applications;
}

Json notes_of(const Scenario& scenario, const std::vector<JobResult>& results,
              const ResourceUsage& span) {
  Json notes = Json::array();
  for (const std::string& note : scenario.notes) notes.push_back(note);
  if (scenario.is_fluid())
    notes.push_back(
        "network: fluid: messages share links evenly instead of queueing in ports; loss, "
        "congestion "
        "control and ECMP collisions are not modelled, and tails under load are not those of "
        "packets");
  for (const JobResult& result : results)
    for (const std::string& remark : result.remarks())
      notes.push_back(fmt::format("job {}: {}", result.name, remark));
  const bool is_any_done = std::any_of(results.begin(), results.end(), [](const JobResult& result) {
    return result.done + result.failed > 0;
  });
  if (const auto unreached = span.unreached(); is_any_done && !unreached.empty()) {
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(unreached.size(), 5); ++i)
      names += (i == 0 ? "" : ", ") + unreached[i];
    notes.push_back(
        fmt::format("no I/O reached {}{}", names,
                    unreached.size() > 5 ? fmt::format(" and {} more", unreached.size() - 5) : ""));
  }
  if (const std::int64_t lost = span.packets_dropped(), frames = span.frames_lost();
      lost + frames > 0 && scenario.faults.empty())
    notes.push_back(
        fmt::format("{} packets were dropped, and {} frames of bursts that went on", lost, frames));
  return notes;
}

// Faults and what each did, hangs, and how storage mended what failed; nothing of it where nothing
// broke.
void add_disturbances(Json& out, const FaultImpact& log, const FaultInjector& injector,
                      const System& system, const Scenario& scenario) {
  constexpr std::size_t kEpisodesListed = 1000;
  if (!scenario.faults.empty()) {
    Json faults = Json::array();
    for (std::size_t i = 0; i < std::min(injector.episodes().size(), kEpisodesListed); ++i) {
      const FaultInjector::Episode& episode = injector.episodes()[i];
      const FaultSpec& spec = injector.faults()[episode.fault];
      const FaultImpact::Span& span = log.spans()[i];
      faults.push_back(
          {{"name", spec.name},
           {"kind", spec.kind},
           {"component", episode.component},
           {"from_s", to_seconds(episode.from)},
           {"to_s", episode.to ? Json(to_seconds(*episode.to)) : Json()},
           {"ios_hit", span.hit},
           {"volumes_hit", span.volumes},
           {"failed", span.failed},
           {"hangs_1s", span.hangs_1s},
           {"hangs_60s", span.hangs_60s},
           {"worst_latency_ns", span.hit > 0 ? Json(to_nanoseconds(span.worst)) : Json()},
           {"last_hit_after_s", span.hit > 0 ? Json(to_seconds(span.last - span.from)) : Json()}});
    }
    out["faults"] = std::move(faults);
    out["fault_count"] = injector.episodes().size();
  }
  Json list = Json::array();
  constexpr std::array<const char*, 3> kOutcomes = {"done", "failed", "unended"};
  const auto name_of_job = [&scenario](std::size_t job) {
    const std::size_t jobs = scenario.workload.size();
    return job < jobs ? scenario.workload[job].name : scenario.applications[job - jobs].name;
  };
  for (const FaultImpact::Hang& hang : log.hangs())
    list.push_back({{"job", name_of_job(hang.job)},
                    {"volume", system.volumes()[hang.volume]->name()},
                    {"direction", name_of(hang.direction)},
                    {"submitted_s", to_seconds(hang.submitted)},
                    {"latency_s", to_seconds(hang.latency)},
                    {"outcome", kOutcomes[static_cast<std::size_t>(hang.outcome)]}});
  out["hangs"] = {{"over_1s", log.hangs_1s()},
                  {"over_60s", log.hangs_60s()},
                  {"volumes", log.volumes_hung()},
                  {"list", std::move(list)}};
  if (system.ebs() == nullptr) return;
  const EbsCluster::Repairs repairs = system.ebs()->repairs();
  out["repairs"] = {{"rpcs_retried", repairs.rpcs_retried},
                    {"connections_replaced", repairs.connections_replaced},
                    {"replicas_replaced", repairs.replicas_replaced},
                    {"segments_moved", repairs.segments_moved}};
}

// What faults and operations do is no ramp or runtime that was too short.
void forget_transients(JobResult& result) {
  result.transient = {};
  for (DirectionResult& side : result.directions) side.drift = 1;
}

// A station among many can be overloaded long before a job's total shows it.
void note_overload(const ResourceUsage& span, std::vector<JobResult>& results, Json& notes) {
  const auto stations = span.overloaded();
  double growth = 0;
  for (const auto& [name, jobs] : stations) growth += jobs;
  bool is_felt = false;
  for (JobResult& result : results) {
    if (!result.open_loop || growth == 0 || result.in_flight_growth < growth / 4) continue;
    result.saturated = true;
    is_felt = true;
  }
  if (!is_felt) return;
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(stations.size(), 3); ++i)
    names += (i == 0 ? "" : ", ") + stations[i].first;
  notes.push_back(
      fmt::format("{}{}: busy all the time, with a growing queue", names,
                  stations.size() > 3 ? fmt::format(" and {} more", stations.size() - 3) : ""));
}

}  // namespace

Json run_io(const Scenario& scenario, const RunOptions& options) {
  Scenario seeded = scenario;
  if (options.seed) seeded.head.seed = static_cast<std::int64_t>(*options.seed);
  const auto seed = static_cast<std::uint64_t>(seeded.head.seed);

  Simulation simulation(platform_of(seeded));
  Calendar& calendar = simulation.calendar();
  System system(calendar, simulation.tasks(), seeded);
  FaultImpact disturbances(system.volumes().size());
  FaultInjector injector(system.room(), seeded.faults, seed);
  injector.on_break(
      [&](const FaultInjector::Episode&) { disturbances.something_broke(calendar.now()); });
  injector.start(simulation.tasks());
  std::optional<PoolOperations> operations;
  if (system.pool() != nullptr) {
    operations.emplace(simulation.tasks(), seeded, *system.pool());
    operations->start();
  }
  std::vector<JobAtWork> jobs = start_jobs(calendar, seeded, system, seed, disturbances);

  std::vector<ApplicationAtWork> applications =
      start_applications(calendar, seeded, system, seed, disturbances);

  // Machines are measured from the end of the longest ramp; where warm-up is found afterwards, from
  // a fifth of the runtime.
  TimePoint stop = kStart;
  TimePoint from = kStart;
  for (const JobAtWork& job : jobs) {
    stop = std::max(stop, job.recorder->end());
    from = std::max(from, kStart + job.spec->ramp_time.value_or(job.spec->runtime / 5));
  }
  for (const ApplicationAtWork& application : applications) {
    stop = std::max(stop, application.recorder->end());
    from = std::max(from, kStart + application.spec->ramp_time);
  }
  ResourceUsage span(system);
  auto begin = [&] { span.begin(calendar.now()); };
  using Begin = decltype(begin);
  Timer begin_timer(
      calendar, [](void* call) { (*static_cast<Begin*>(call))(); }, &begin);
  begin_timer.arm(from);

  if (options.progress)
    simulation.set_progress([&](TimePoint now, TimePoint end) {
      options.progress(to_seconds(now) / std::max(1e-12, to_seconds(end)));
    });
  std::vector<JobResult> results;
  std::vector<ApplicationResult> of_applications;
  simulation.at_end([&] {
    for (JobAtWork& job : jobs) {
      for (auto& generator : job.generators) generator->close();
      results.push_back(job.recorder->result(calendar.now()));
    }
    for (ApplicationAtWork& application : applications) {
      for (auto& database : application.databases) database->close();
      of_applications.push_back(application.recorder->result(calendar.now()));
    }
    span.end(calendar.now());
  });
  simulation.run(stop);
  if (!injector.episodes().empty() || !seeded.operations.empty()) {
    for (JobResult& result : results) forget_transients(result);
    for (ApplicationResult& application : of_applications)
      for (auto& operation : application.operations) forget_transients(operation.result);
  }
  Json overload = Json::array();
  note_overload(span, results, overload);
  Json out;
  out["orrery version"] = kProgramVersion;
  out["scenario"] = seeded.head.scenario;
  out["title"] = seeded.head.title;
  out["system"] = seeded.head.system;
  if (seeded.kind->has_network) out["network model"] = seeded.head.network;
  out["agent"] = system.agent_site();
  out["jobs"] = Json::array();
  for (std::size_t i = 0; i < jobs.size(); ++i)
    out["jobs"].push_back(job_summary(*jobs[i].spec, results[i], jobs[i].generators.size()));
  for (JobAtWork& job : jobs) job.generators.clear();
  if (!applications.empty()) out["applications"] = Json::array();
  for (std::size_t a = 0; a < applications.size(); ++a)
    out["applications"].push_back(application_summary(*applications[a].spec, of_applications[a],
                                                      engine_profile(*applications[a].spec),
                                                      applications[a].databases.size()));
  for (ApplicationAtWork& application : applications) application.databases.clear();
  out["resources"] = span.resources();
  out["stations"] = span.stations();
  out["ports"] = span.ports();
  out["network"] = span.network();
  add_disturbances(out, disturbances, injector, system, seeded);
  if (operations) add_pool(out, *operations, *system.pool());
  out["timeline"] = timeline_summary(results);
  for (const ApplicationResult& application : of_applications) {
    add_to_timeline(out["timeline"], application);
    // What holds for jobs, and what is to be said of them, goes for operations too.
    for (const ApplicationResult::Operation& operation : application.operations)
      results.push_back(operation.result);
  }
  out["checks"] = checks_of(results, span);
  out["notes"] = notes_of(seeded, results, span);
  for (const Json& note : overload) out["notes"].push_back(note);
  out["provenance"] = provenance_of(seeded, calendar.fired());
  return out;
}

}  // namespace orrery
