// A scenario as a document again, every default written out.
#include <utility>

#include "scenarios/scenario.hpp"
#include "scenarios/systems/system_kind.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {

namespace {

void add_compare(const Scenario& s, TextNode& root) {
  if (s.compare.empty()) return;
  TextNode compare = TextNode::map();
  for (const auto& [key, values] : s.compare) {
    TextNode list = TextNode::sequence();
    for (const std::string& value : values) list.items.push_back(TextNode::scalar(value));
    compare.entries.push_back({key, {}, std::move(list)});
  }
  root.entries.push_back({"compare", {}, std::move(compare)});
}

void add_profiles(const Scenario& s, TextNode& root) {
  TextNode profiles = TextNode::map();
  for (const auto& [name, profile] : s.profiles) {
    TextNode parameters = TextNode::map();
    for (const auto& [key, parameter] : profile.parameters) {
      const Declaration* d = model_catalogue().at(profile.model)->find(key);
      parameters.entries.push_back(
          {key, {}, TextNode::scalar(format_value(d->quantity, parameter.value))});
    }
    profiles.entries.push_back({name, {}, std::move(parameters)});
  }
  root.entries.push_back({"profiles", {}, std::move(profiles)});
}

}  // namespace

TextNode resolved_scenario(const Scenario& s) {
  TextNode root = resolved(ScenarioHead::declarations(), &s.head);
  auto add = [&root](std::string name, TextNode value) {
    root.entries.push_back({std::move(name), {}, std::move(value)});
  };
  if (s.kind->load_whole != nullptr) {
    s.kind->write(s, root);
    add_compare(s, root);
    add_profiles(s, root);
    return root;
  }
  add("compute", resolved(ComputeSection::declarations(), &s.compute));
  add("storage", resolved(StorageSection::declarations(), &s.storage));
  add("frontend", resolved(FrontendSection::declarations(), &s.frontend));
  add("backend", resolved(BackendSection::declarations(), &s.backend));
  add("ebs", resolved(EbsSection::declarations(), &s.ebs));
  add("volumes", resolved(VolumesSection::declarations(), &s.volumes));
  if (s.kind->write != nullptr) s.kind->write(s, root);
  TextNode jobs = TextNode::sequence();
  for (const JobSpec& job : s.workload)
    jobs.items.push_back(resolved(JobSpec::declarations(), &job));
  if (!s.workload.empty()) add("workload", std::move(jobs));
  if (!s.applications.empty()) {
    TextNode applications = TextNode::sequence();
    for (const ApplicationSpec& application : s.applications)
      applications.items.push_back(resolved(ApplicationSpec::declarations(), &application));
    add("applications", std::move(applications));
  }
  if (!s.faults.empty()) {
    TextNode faults = TextNode::sequence();
    for (const FaultSpec& fault : s.faults)
      faults.items.push_back(resolved(FaultSpec::declarations(), &fault));
    add("faults", std::move(faults));
  }
  add_compare(s, root);
  add_profiles(s, root);
  return root;
}

}  // namespace orrery
