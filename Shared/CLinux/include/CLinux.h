#pragma once
#include "kernel.h"
#include "machine.h"
#include "process.h"
#include "reactor.h"
