#include "analysis/fleet/fleet_io.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <system_error>

#include "analysis/experiment/files_out.hpp"
#include "analysis/failure.hpp"
#include "analysis/fleet/fleet_run.hpp"
#include "analysis/result/summary_view.hpp"
#include "analysis/run/run.hpp"
#include "analysis/run/run_table.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/text_table.hpp"
#include "analysis/version.hpp"
#include "models/control/fleet/policies.hpp"
#include "scenarios/systems/fleet/fleet_spec.hpp"
#include "scenarios/text/document.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kMostVolumes = 10'000;  // a document holds no more

// The moment, within the fleet's run.
std::optional<Duration> moment_of(const std::string& text, const FleetSection& fleet) {
  if (text.empty()) return {};
  const SourceMark mark{"--io " + text, 1, 1};
  Declaration declared;
  declared.name = "TIME";
  declared.quantity = Quantity::duration;
  declared.limits = more_than(0);
  const Duration at = std::get<Duration>(parse_value(TextNode::scalar(text, mark), declared));
  if (at > fleet.runtime) {
    const std::string runtime = format_value(Quantity::duration, fleet.runtime);
    throw InputError(mark, fmt::format("the fleet runs for {}", runtime),
                     fmt::format("--set fleet.runtime={} makes it run until then", text));
  }
  return at;
}

// In a process of its own, as each needs an engine.
Json apart(const std::string& what, const std::function<Json(const RunOptions&)>& run,
           const ReportProgress& progress) {
  ProcessOptions options;
  options.progress = progress;
  const auto work = [&run](const ReportProgress& report) {
    RunOptions of_run;
    of_run.progress = report;
    return run(of_run).dump();
  };
  const ProcessResult result = run_in_processes({{what, work}}, options).front();
  if (!result.output) throw Failure(fmt::format("{}: {}", what, result.failure));
  return Json::parse(*result.output);
}

// Where the scenario goes; what stands there already must be ours.
std::string file_in(const std::string& directory) {
  const std::string path = (std::filesystem::path(directory) / "io.yaml").string();
  ensure_writable(directory);
  try {
    const auto held = disk_reader()(path, kIoScenarioMark.size());
    if (held && !held->starts_with(kIoScenarioMark))
      throw InputError({path, 1, 1},
                       "this file was not written by orrery fleet and would be overwritten",
                       "choose another output directory");
  } catch (const std::system_error& error) {
    throw Failure(fmt::format("cannot read {}: {}", path, error.code().message()));
  }
  return path;
}

Json sample_json(const IoSample& sample, const SampleDisks& disks) {
  Json nodes = Json::object();
  for (std::size_t i = 0; i < sample.nodes.size(); ++i)
    nodes[fmt::format("compute-{}", i)] = sample.nodes[i].name;
  return {{"nodes", std::move(nodes)},       {"volumes", sample.volumes.size()},
          {"local_volumes", sample.local()}, {"remote_volumes", sample.remote},
          {"left_out", sample.left_out},     {"ssd", disks.profile},
          {"ssds_per_node", disks.per_node}, {"size_factor", disks.scale}};
}

}  // namespace

Json run_fleet_io(const LoadedScenario& fleet, const FleetIoPlan& plan,
                  const ReportProgress& progress) {
  const FleetSpec& spec = *fleet.scenario.fleet;
  if (!control::find_disks(spec.section.disks)->is_pooled)
    throw InputError(
        place_of(fleet.text, "fleet", "disks"),
        fmt::format("with disks: {} volumes lie in a block store, not in pools of nodes",
                    spec.section.disks),
        "--disks lightpool or local_only; orrery compare pool-vs-ebs has the I/O of both");
  FleetQuestions questions;
  questions.wants_volumes = true;
  questions.until = moment_of(plan.at, spec.section);
  const std::string path = plan.directory ? file_in(*plan.directory) : "io.yaml";

  const Json summary = apart(
      "the fleet",
      [&](const RunOptions& options) { return run_fleet(fleet.scenario, options, questions); },
      [&progress](double fraction) { progress(fraction / 2); });
  const Json& placement = summary.at("placement");
  const double ended = *number_at(summary, "fleet.ended_s");
  const bool is_full = summary.at("fleet").at("is_full").get<bool>();
  SampleHead head;
  head.fleet = fleet.scenario.head.scenario;
  head.at =
      format_value(Quantity::duration, is_full ? seconds(std::round(ended))
                                               : questions.until.value_or(spec.section.runtime));
  head.seed = static_cast<std::uint64_t>(fleet.scenario.head.seed);
  if (placement.empty())
    throw InputError(
        questions.until ? SourceMark{"--io " + plan.at, 1, 1} : SourceMark{fleet.path, 0, 0},
        fmt::format("at {} no volume of a running pod lies in a pool", head.at),
        "another TIME, or a demand with disks");

  const IoSample sample =
      sample_of(placement, spec.demand.nodes, static_cast<std::size_t>(plan.nodes), head.seed);
  if (sample.volumes.size() > kMostVolumes)
    throw InputError(
        {fmt::format("--io-nodes {}", plan.nodes), 0, 0},
        fmt::format("{} volumes on {} nodes are more than the {} that a scenario holds",
                    sample.volumes.size(), sample.nodes.size(), kMostVolumes));
  const std::string text = io_scenario(sample, head, plan.load);
  if (plan.directory) write_file(path, text);
  const LoadedScenario io = loaded_from(path, parse_document(text, path));
  const Json ran = apart(
      "the I/O", [&io](const RunOptions& options) { return run_scenario(io.scenario, options); },
      [&progress](double fraction) { progress(0.5 + fraction / 2); });

  std::int64_t remote = 0;
  for (const Json& volume : placement) remote += volume.at("host") != volume.at("pool") ? 1 : 0;
  Json checks = summary.at("checks");
  for (const Json& check : ran.at("checks")) checks.push_back(check);
  return {{"orrery version", kProgramVersion},
          {"scenario", fleet.scenario.head.scenario},
          {"title", fleet.scenario.head.title},
          {"fleet",
           {{"at", head.at},
            {"ended_s", ended},
            {"is_full", is_full},
            {"disks", spec.section.disks},
            {"policy", spec.section.policy},
            {"nodes", spec.demand.nodes.size()},
            {"volumes", placement.size()},
            {"remote_volumes", remote}}},
          {"sample", sample_json(sample, disks_of(sample))},
          {"io", ran},
          {"checks", std::move(checks)}};
}

namespace {

// How much longer than a local I/O a remote one takes, where both have a mean.
std::string difference_text(const Json& io, const Terminal& terminal) {
  std::string out;
  for (const char* direction : {"read", "write"}) {
    const JobSide *local = nullptr, *remote = nullptr;
    const std::vector<JobSide> sides = sides_of(io);
    for (const JobSide& side : sides)
      if (side.direction == direction && !side.is_saturated())
        (side.job == "local" ? local : remote) = &side;
    if (local == nullptr || remote == nullptr) continue;
    const double more = number_at(*remote->side, "lat_ns.mean").value_or(0) -
                        number_at(*local->side, "lat_ns.mean").value_or(0);
    out += fmt::format("{}a remote {} takes {} {}", out.empty() ? "" : ", ", direction,
                       time_text(std::abs(more)), more < 0 ? "less" : "more");
  }
  return out.empty() ? out
                     : wrapped(out + " on average than a local one", terminal.width, 2) + "\n";
}

}  // namespace

std::string fleet_io_text(const Json& result, const Terminal& terminal) {
  const auto count = [&result](const char* at) { return *number_at(result, at); };
  const Json& io = result.at("io");
  const std::string name = text_at(result, "scenario");
  std::string out = styled(name, Style::bold, terminal);
  if (const std::string title = text_at(result, "title"); !title.empty())
    out += wrapped(": " + title, terminal.width - display_width(name), 2);
  out += fmt::format("\nI/O at one moment of the fleet: {}{}; disks {}, policy {}\n",
                     text_at(result, "fleet.at"),
                     result.at("fleet").at("is_full").get<bool>() ? ", when it was full" : "",
                     text_at(result, "fleet.disks"), text_at(result, "fleet.policy"));
  TextTable table({{""},
                   {"nodes", Align::right},
                   {"volumes", Align::right},
                   {"local", Align::right},
                   {"remote", Align::right}});
  const auto whole = [](double value) { return fmt::format("{:.0f}", value); };
  table.row({"fleet", whole(count("fleet.nodes")), whole(count("fleet.volumes")),
             whole(count("fleet.volumes") - count("fleet.remote_volumes")),
             whole(count("fleet.remote_volumes"))});
  table.row({"sample", whole(static_cast<double>(result.at("sample").at("nodes").size())),
             whole(count("sample.volumes")), whole(count("sample.local_volumes")),
             whole(count("sample.remote_volumes"))});
  out += "\n" + table.render(terminal);
  if (const double left_out = count("sample.left_out"); left_out > 0)
    out += wrapped(fmt::format("{:.0f} remote volumes between the sample and other nodes are left "
                               "out, and their load with them",
                               left_out),
                   terminal.width, 2) +
           "\n";
  std::string disks = fmt::format("every node of the sample has {:.0f} SSDs of profile {}",
                                  count("sample.ssds_per_node"), text_at(result, "sample.ssd"));
  if (const double scale = count("sample.size_factor"); scale < 1)
    disks += fmt::format("; volumes have {} of their size, to fit", number_text(scale));
  out += wrapped(disks, terminal.width, 2) + "\n\n" + load_lines(io, terminal) + "\n" +
         figures_of_jobs(io, terminal);
  out += difference_text(io, terminal);

  TextTable busy({{""}, {"", Align::right}});
  for (const auto& [key, title] : {std::pair{"busiest_reactor", "busiest reactor"},
                                   {"compute_link_utilisation", "busiest link of a node"},
                                   {"ssd_utilisation", "busiest part of an SSD"}})
    if (const auto value = number_at(io, std::string("resources.") + key))
      busy.row({title, percent_text(*value)});
  out += "\n" + busy.render(terminal);
  for (const std::string& broken : broken_checks(result))
    out +=
        styled(wrapped("CHECK BROKEN: " + broken, terminal.width, 2), Style::bad, terminal) + "\n";
  return out;
}

}  // namespace orrery
