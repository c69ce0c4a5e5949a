#pragma once
#include "cuemu_half.h"
