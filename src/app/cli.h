// Reads the command line and runs the command it names.
#pragma once

namespace mbflow::app {

int run_command_line(int argc, char** argv);

}  // namespace mbflow::app
