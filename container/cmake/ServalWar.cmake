# serval_add_war(NAME [SOURCES file...] [CONTENT folder...] [EXCLUDE regex...] [OUTPUT folder])
#
# Builds NAME.war: the content of the folders (static files, WEB-INF/web.xml) without files whose path below the
# folder matches a regex of EXCLUDE, and the sources compiled to WEB-INF/lib/NAME.so. The WAR lands in OUTPUT
# (default ${CMAKE_BINARY_DIR}/webapps). Targets: NAME-app is the library, NAME-war the file.
#
# In a project of its own:
#   find_package(Serval REQUIRED)
#   serval_add_war(shop SOURCES shop.cpp CONTENT web)

set(SERVAL_PACK_WAR ${CMAKE_CURRENT_LIST_DIR}/PackWar.cmake)

function(serval_add_war name)
  cmake_parse_arguments(arg "" "OUTPUT" "SOURCES;CONTENT;EXCLUDE" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "serval_add_war(${name}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_OUTPUT)
    set(arg_OUTPUT ${CMAKE_BINARY_DIR}/webapps)
  endif()
  # WEB-INF/lib/NAME.so may stand in the content too (the checkout's own webapps): it is made here, so not taken.
  list(APPEND arg_EXCLUDE "^WEB-INF/lib/${name}\\.so$")
  set(depends)
  set(folders)
  foreach(folder ${arg_CONTENT})
    cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    if(NOT IS_DIRECTORY ${folder})
      message(FATAL_ERROR "serval_add_war(${name}): no folder ${folder}")
    endif()
    list(APPEND folders ${folder})
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
    list(FILTER files EXCLUDE REGEX "/WEB-INF/lib/${name}\\.so$")
    list(APPEND depends ${files})
  endforeach()
  set(library)
  if(arg_SOURCES)
    add_library(${name}-app MODULE ${arg_SOURCES})
    set_target_properties(${name}-app PROPERTIES PREFIX "" OUTPUT_NAME ${name} CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
      CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_link_libraries(${name}-app PRIVATE Serval::servlet)
    set(library $<TARGET_FILE:${name}-app>)
    list(APPEND depends ${name}-app)
  endif()
  add_custom_command(OUTPUT ${arg_OUTPUT}/${name}.war
    COMMAND ${CMAKE_COMMAND} "-DNAME=${name}" "-DWAR=${arg_OUTPUT}/${name}.war" "-DFOLDERS=${folders}"
            "-DEXCLUDE=${arg_EXCLUDE}" "-DLIBRARY=${library}" "-DSTAGE=${CMAKE_CURRENT_BINARY_DIR}/${name}.stage"
            -P ${SERVAL_PACK_WAR}
    DEPENDS ${depends} ${SERVAL_PACK_WAR}
    COMMENT "Packing ${name}.war"
    VERBATIM)
  add_custom_target(${name}-war ALL DEPENDS ${arg_OUTPUT}/${name}.war)
endfunction()
