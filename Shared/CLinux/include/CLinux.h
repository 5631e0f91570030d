#pragma once
#include "kernel.h"
#include "machine.h"
