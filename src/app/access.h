// Who may come in, as the server and the commands need it: the house, its first owner, the rules of sessions and rates.
#pragma once

#include "app/settings.h"
#include "server/api.h"

namespace mbflow::app {

// Makes the house known among the tenants; whether it has an owner, a user or a key.
[[nodiscard]] Task<Result<bool>> prepare_house(store::Store& store);
// The token of the link for the first owner, kept in the data folder until it is used: the same after a restart.
[[nodiscard]] Result<std::string> first_start_token(const std::string& data);
void spend_first_start(const std::string& data);
// Errors config.value.
[[nodiscard]] Result<server::SessionRules> session_rules(const Settings& settings);
[[nodiscard]] Result<server::Rates> read_rates(const Settings& settings);

}  // namespace mbflow::app
