SIMULATOR_NAMES += sim-api
SIMULATORS += $(B)/sim-api
sim-api_SRC = $(call src,tests/simulators/api) $(BASE)
sim-api_LIBS = $(BASE_LIBS)
LIBS_test_http_zoo = -lssl -lcrypto
LIBS_test_http_channels = -lssl -lcrypto
