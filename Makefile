# What a user and CI call. `make help` lists it; needs root where namespaces are made: packages, test, bench, soak, demo, demo-down.
SHELL = /bin/sh
.DEFAULT_GOAL = build

PREFIX ?= /usr/local
DESTDIR ?=
DOCS = $(PREFIX)/share/doc/archetype
# Where systemd looks for units of this prefix.
SYSTEMD ?= /etc/systemd/system
# Tests are built for debugging, everything that runs for users for release. TESTFLAGS goes to `swift test`.
TESTFLAGS ?=
RELEASE = .build/release
SWIFT_RELEASE = swift build -c release --static-swift-stdlib
PROGRAMS = archetype archetype-bus archetype-configs archetype-jobs archetype-links archetype-reconciler archetype-agent archetype-network archetype-init archetype-runc
SWIFT_TEST = swift test --skip-build --disable-xctest $(TESTFLAGS)
# How long each target is fuzzed, and where what covers something new is kept for the next time.
FUZZ_SECONDS ?= 600
FUZZ_FOLDER ?= .build/fuzzed
FUZZ = .build/fuzz/release/archetype-fuzz
FUZZ_TARGETS = $(basename $(notdir $(wildcard Tests/Fuzzing/Corpus/*.hex)))
SOURCES = find Package.swift Shared Services Tests proto/generator -name '*.swift' -not -path 'Shared/Wire/Generated/*' -not -path '*/.build/*'

.PHONY: help swift root packages build test check lint generated tidy fmt proto simulate fuzz bench soak demo demo-down install uninstall deb docs clean

help:
	@echo 'make build      every program, release, in $(RELEASE)'
	@echo 'make test       installs what it needs, then every test (root)'
	@echo 'make demo       an example lab over two virtual hosts (root); make demo-down removes it'
	@echo 'make check      format, lint, tidy, generated code'
	@echo 'make simulate   3000 seeds of the simulator'
	@echo 'make fuzz       ten minutes of made-up input for each reader of what comes from outside'
	@echo 'make bench      measurements (root); make soak: a hundred thousand seeds, a hundred kills of each service, the package under systemd, sanitizers'
	@echo 'make fmt proto packages install uninstall deb clean'

swift:
	@command -v swift > /dev/null || { echo 'error: swift: not found (get 6.2 or newer at https://www.swift.org/install/linux/ and put its usr/bin into PATH)' >&2; exit 1; }

root:
	@[ "$$(id -u)" = 0 ] || { echo 'error: root: needed for namespaces (run it with sudo, PATH kept: sudo env PATH="$$PATH" make ...)' >&2; exit 1; }

packages:
	@.ci/packages

build: swift packages
	$(SWIFT_RELEASE)

# Format and generated code first: they fail in seconds. One build; the tests start the programs that lie beside them.
# What touches kernels or starts whole testbeds runs one at a time: such tests share the machine, and two cores. But those with engines mostly wait
# for them, and run beside the others.
test: swift root packages lint generated
	.ci/packages docker.io busybox-static docker-compose docker-registry
	swift build --build-tests
	$(SWIFT_TEST) --parallel --filter '^(UnitTests|SimulationTests|TidyTests)\.'
	@$(SWIFT_TEST) --ignore-lock --no-parallel --filter '^EngineTests\.' > .build/engine-tests.log 2>&1 & engines=$$!; others=0; trap "kill $$engines" INT TERM; \
	$(SWIFT_TEST) --ignore-lock --no-parallel --filter '^(KernelTests|InterfaceTests|FaultTests)\.' || others=$$?; \
	echo 'The tests with engines, which ran beside these:'; wait $$engines; engines=$$?; cat .build/engine-tests.log; exit $$((others | engines))

check: swift packages lint generated tidy

lint: swift
	@$(SOURCES) -print0 | xargs -0 swift format lint --strict --configuration .swift-format

generated: swift
	@proto/generate.sh --check

tidy: swift
	swift build --build-tests
	$(SWIFT_TEST) --filter '^TidyTests\.'

fmt: swift
	@$(SOURCES) -print0 | xargs -0 swift format format -i --configuration .swift-format

proto: swift packages
	proto/generate.sh

# Also fails if a case of some machine's events is never fed.
simulate: swift packages
	$(SWIFT_RELEASE) --product archetype-simulate
	$(RELEASE)/archetype-simulate --from 1 --count 3000 --jobs "$$(nproc)" --coverage

# Each reader of what comes from outside, by coverage (libFuzzer). Ends with the input at the first that breaks a rule.
# Of several -sanitize the Swift compiler obeys the last: without both in one only the C would be measured, which the second line finds.
fuzz: swift packages
	ARCHETYPE_FUZZ=1 swift build -c release --scratch-path .build/fuzz --sanitize fuzzer --sanitize address -Xswiftc -sanitize=fuzzer,address \
	  --product archetype-fuzz
	@$(FUZZ) --target=marks -runs=0 $(FUZZ_FOLDER)/marks 2>&1 | grep -Eq 'modules +\([0-9]{5,} inline' || \
	  { echo 'error: archetype-fuzz: what it runs was built without coverage (see -sanitize)' >&2; exit 1; }
	for target in $(FUZZ_TARGETS); do \
	  $(FUZZ) --target=$$target -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -timeout=20 -max_len=4096 \
	    -artifact_prefix=$(FUZZ_FOLDER)/$$target- $(FUZZ_FOLDER)/$$target || exit 1; \
	done

# Beside the kernel's and the engine's floor, Mininet and docker-compose; the tables go into docs/benchmarks.md. Give the machine nothing else to do meanwhile.
bench: swift root
	.ci/packages mininet iperf3 docker.io docker-compose busybox-static
	$(SWIFT_RELEASE)
	$(RELEASE)/archetype-bench --write docs/benchmarks.md

# What takes longer than CI may. The generator's own tests build a package of their own.
soak: swift root packages
	.ci/packages docker.io busybox-static
	.ci/packages debootstrap
	proto/generator/test.sh
	$(MAKE) deb
	compose/debian/test.sh .build/archetype_*.deb
	$(RELEASE)/archetype-simulate --from 1 --count 100000 --jobs "$$(nproc)"
	swift build --build-tests
	ARCHETYPE_TEST_KILLS=100 $(SWIFT_TEST) --no-parallel --filter '^FaultTests\.KillLoopTests'
	ARCHETYPE_TEST_OPERATIONS=3000 $(SWIFT_TEST) --no-parallel --filter '^FaultTests\.LossyTests'
	.ci/sanitized address
	.ci/sanitized thread

demo: root build
	compose/demo.sh

demo-down: root
	compose/demo.sh down

# Programs, units, bash completion, docs and example labs. Starts nothing; see docs/operations.md.
install: build
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(SYSTEMD)' '$(DESTDIR)/etc/default' '$(DESTDIR)/usr/lib/tmpfiles.d' '$(DESTDIR)/usr/lib/sysctl.d'
	cd $(RELEASE) && install -m 755 $(PROGRAMS) '$(DESTDIR)$(PREFIX)/bin'
	for unit in compose/systemd/*.service compose/systemd/*.socket compose/systemd/*.target; do \
	  sed 's#/usr/bin/#$(PREFIX)/bin/#; s#/usr/share/#$(PREFIX)/share/#' $$unit > '$(DESTDIR)$(SYSTEMD)'/$${unit##*/} || exit 1; done
	install -m 644 compose/systemd/archetype.tmpfiles '$(DESTDIR)/usr/lib/tmpfiles.d/archetype.conf'
	install -m 644 compose/systemd/archetype.sysctl '$(DESTDIR)/usr/lib/sysctl.d/30-archetype.conf'
	[ -e '$(DESTDIR)/etc/default/archetype' ] || \
	  sed 's#/usr/share/#$(PREFIX)/share/#' compose/systemd/default-archetype > '$(DESTDIR)/etc/default/archetype'
	install -d '$(DESTDIR)$(PREFIX)/share/bash-completion/completions'
	$(RELEASE)/archetype completion bash > '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/archetype'
	tar -c README.md CHANGELOG.md LICENSE docs compose/labs | (install -d '$(DESTDIR)$(DOCS)' && tar -x --no-same-owner -C '$(DESTDIR)$(DOCS)')

# Leaves what a user wrote: /etc/default/archetype* and /var/lib/archetype.
uninstall:
	cd '$(DESTDIR)$(PREFIX)/bin' && rm -f $(PROGRAMS)
	cd '$(DESTDIR)$(SYSTEMD)' && rm -f $(notdir $(wildcard compose/systemd/*.service compose/systemd/*.socket compose/systemd/*.target))
	rm -f '$(DESTDIR)/usr/lib/tmpfiles.d/archetype.conf' '$(DESTDIR)/usr/lib/sysctl.d/30-archetype.conf' '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/archetype'
	rm -rf '$(DESTDIR)$(DOCS)'

# A Debian package in .build; dpkg-dev and binutils make it.
deb: swift
	.ci/packages dpkg-dev binutils
	$(SWIFT_RELEASE)
	rm -f .build/archetype_*.deb
	compose/debian/build.sh .build

docs:
	@echo 'Reference pages are not made yet: swift-docc-plugin is not part of the toolchain. Read docs/ and the doc comments.'

clean:
	rm -rf .build
