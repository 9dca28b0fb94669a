# SPDX-License-Identifier: Apache-2.0
# The reports' page, style and scripts as a C header: plimsoll carries them with it.
#     PLM_WEB_INCLUDE   the folder of sim_web_data.h
set(PLM_WEB_INCLUDE "${CMAKE_BINARY_DIR}/web")
set(plm_web_text "/* Written by cmake/PlimsollWeb.cmake from host_sim/web. */\n")
foreach(file IN ITEMS report.html report.css report.js stress.js)
  set(plm_web_source "${CMAKE_SOURCE_DIR}/host_sim/web/${file}")
  string(REPLACE "report." "" name "${file}")
  string(REPLACE "." "_" name "${name}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${plm_web_source}")
  file(READ "${plm_web_source}" plm_web_hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," plm_web_hex "${plm_web_hex}")
  string(REGEX REPLACE
         "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n"
         plm_web_hex "${plm_web_hex}")
  string(APPEND plm_web_text
         "static const uint8_t sim_web_${name}[] = {\n${plm_web_hex}\n};\n")
endforeach()
file(CONFIGURE OUTPUT "${PLM_WEB_INCLUDE}/sim_web_data.h" CONTENT "${plm_web_text}" @ONLY)
