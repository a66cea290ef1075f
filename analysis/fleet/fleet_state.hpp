// How a fleet stands at the end of its run, for its summary: what the model says of it, as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "models/control/fleet/control_plane.hpp"

namespace orrery {

// `stranded`, `blast_radius` and `waiting_for` of a summary.
nlohmann::ordered_json stranded_json(control::ControlPlane& plane);
nlohmann::ordered_json blast_radius_json(control::ControlPlane& plane);
nlohmann::ordered_json waiting_json(control::ControlPlane& plane);

// `checks` of a summary.
nlohmann::ordered_json checks_json(control::ControlPlane& plane);

}  // namespace orrery
