# The node folders as C++: nodes/<type>/ is found by glob, so a new folder needs no line here or anywhere else.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# mbflow_generate_nodes(NODES_DIR OUT_DIR RESULT): the generated files as they will be. See tools/gen_nodes.py.
function(mbflow_generate_nodes nodes_dir out_dir result)
  file(GLOB definitions CONFIGURE_DEPENDS "${nodes_dir}/*/node.json")
  set(outputs "${out_dir}/node_table.gen.cpp")
  set(inputs "")
  foreach(definition IN LISTS definitions)
    cmake_path(GET definition PARENT_PATH folder)
    cmake_path(GET folder FILENAME type)
    list(APPEND outputs "${out_dir}/${type}.gen.h")
    list(APPEND inputs "${definition}" "${folder}/${type}.cpp" "${folder}/text.ru.json" "${folder}/README.md"
      "${folder}/README.ru.md" "${folder}/icon.svg")
  endforeach()
  # A folder that is gone leaves no newer file behind: the list itself is what the table depends on.
  file(CONFIGURE OUTPUT "${out_dir}/folders.txt" CONTENT "${definitions}\n")
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND Python3::Interpreter "${CMAKE_SOURCE_DIR}/tools/gen_nodes.py" "${nodes_dir}" "${out_dir}"
    DEPENDS "${CMAKE_SOURCE_DIR}/tools/gen_nodes.py" "${out_dir}/folders.txt" ${inputs}
    COMMENT "Generating the node table"
    VERBATIM)
  set(${result} "${outputs}" PARENT_SCOPE)
endfunction()
