#pragma once
#include "host.h"
#include "kernel.h"
#include "machine.h"
#include "process.h"
#include "reactor.h"
