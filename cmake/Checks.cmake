# Checks of the tree itself, run by ctest beside the tests.
if(BUILD_TESTING)
  foreach(check IN ITEMS check_layers check_style checks_test)
    add_test(NAME tools.${check} COMMAND Python3::Interpreter tools/${check}.py WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(tools.${check} PROPERTIES LABELS check TIMEOUT 60)
  endforeach()
endif()
