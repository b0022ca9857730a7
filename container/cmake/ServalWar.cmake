# serval_add_war(NAME [SOURCES file...] [CONTENT folder...] [OUTPUT folder])
#
# Builds NAME.war: the content of the folders (static files, WEB-INF/web.xml), and the sources compiled to
# WEB-INF/lib/NAME.so. The WAR lands in OUTPUT (default ${CMAKE_BINARY_DIR}/webapps). The target is called NAME-war.
function(serval_add_war name)
  cmake_parse_arguments(arg "" "OUTPUT" "SOURCES;CONTENT" ${ARGN})
  if(NOT arg_OUTPUT)
    set(arg_OUTPUT ${CMAKE_BINARY_DIR}/webapps)
  endif()
  set(stage ${CMAKE_CURRENT_BINARY_DIR}/${name}.stage)
  set(depends)
  set(copy)
  foreach(folder ${arg_CONTENT})
    cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
    list(APPEND depends ${files})
    list(APPEND copy COMMAND ${CMAKE_COMMAND} -E copy_directory ${folder} ${stage})
  endforeach()
  if(arg_SOURCES)
    add_library(${name}-app MODULE ${arg_SOURCES})
    set_target_properties(${name}-app PROPERTIES PREFIX "" OUTPUT_NAME ${name} CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
      CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_link_libraries(${name}-app PRIVATE Serval::servlet)
    list(APPEND depends ${name}-app)
    list(APPEND copy COMMAND ${CMAKE_COMMAND} -E make_directory ${stage}/WEB-INF/lib
                     COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:${name}-app> ${stage}/WEB-INF/lib/${name}.so)
  endif()
  file(MAKE_DIRECTORY ${arg_OUTPUT})
  add_custom_command(OUTPUT ${arg_OUTPUT}/${name}.war
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${stage}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${stage}
    ${copy}
    COMMAND ${CMAKE_COMMAND} -E chdir ${stage} ${CMAKE_COMMAND} -E tar cf ${arg_OUTPUT}/${name}.war --format=zip .
    DEPENDS ${depends}
    COMMENT "Packing ${name}.war"
    VERBATIM)
  add_custom_target(${name}-war ALL DEPENDS ${arg_OUTPUT}/${name}.war)
endfunction()
