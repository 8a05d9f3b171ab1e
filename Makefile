CONFIGURATION ?= Release
export DOTNET_NOLOGO = 1
export DOTNET_CLI_TELEMETRY_OPTOUT = 1

.PHONY: help run build lint test corpus-test fuzz idle-test hostile-test nothing-lost replay-kills full-disk-test simulate repartition-kills bench scale-bench history-bench rebuild-bench docs images publish deb deb-test arm64-test sbom compose-test readme-test demo

help:
	@echo "make run          build and run everything in one process; ARGS=\"--data-dir DIR\", CONFIG_FILE=config.toml"
	@echo "make demo         the same with a simulated fleet that sends real syslog; ARGS=\"--seed 7\""
	@echo "make build        build everything, warnings are errors"
	@echo "make test         the whole test suite, with all set-up"
	@echo "make lint         format and analyzers"
	@echo "make images       container images of every program: IMAGE_PREFIX=wgmonitor, TAG=VERSION, RUNTIME_IMAGE=…"
	@echo "make publish      wgmonitor as one file that needs no .NET: artifacts/publish/linux-x64, linux-arm64; PLATFORMS=linux-x64 for one of them"
	@echo "make deb          the same as Debian packages with units, manual page and completions: artifacts/packages"
	@echo "make arm64-test   publishes the single file for linux-arm64 and runs it in qemu; needs Debian and root"
	@echo "make deb-test     installs, runs, upgrades and purges the package in a Debian of its own under its systemd; needs root"
	@echo "make compose-test the stack of deploy/compose as containers: kills, scaling, upgrades; needs a Docker engine"
	@echo "make readme-test  what README.md tells to type, in a fresh container; needs a Docker engine"
	@echo "make sbom         what the programs consist of, as CycloneDX: artifacts/sbom"
	@echo "make docs         write the generated tables of docs/ anew"
	@echo "make corpus-test  the test suite on a full corpus: CORPUS=FOLDER"
	@echo "make fuzz         ten million mutated lines through every parser: FUZZ_LINES=N for another number"
	@echo "make idle-test    ten thousand idle connections beside a sender"
	@echo "make hostile-test ten thousand idle connections, failed handshakes and a flood beside a sender"
	@echo "make nothing-lost a million lines through 50 kills of the collector and as many faults of Redis: LINES=N, KILLS=N"
	@echo "make replay-kills wgmonitor replay killed 20 times and started twice while 5,000 lines a second flow in: LINES_PER_SECOND=N"
	@echo "make full-disk-test  a spool on a file system that is full; needs user namespaces"
	@echo "make repartition-kills  repartition killed at KILLS=100 random points and run again"
	@echo "make scale-bench  CPU an event with 1, 2, 4, 8 replicas and 8, 16, 32 partitions; about five minutes"
	@echo "make simulate     seeds of the simulation, 10,000: SEEDS=N; one of them: SEED=N"
	@echo "make bench        parse cost, lossless rate, redis-benchmark and rsyslogd beside it, transports, latency, memory of Redis; about eight minutes"
	@echo "make rebuild-bench a rebuild of a million events beside a bare scan of the log, while the API is asked; two minutes: WGMONITOR_REBUILD_EVENTS=N for another number"
	@echo "make history-bench questions about the past at ten million events; some ten minutes and 2 GB of memory: WGMONITOR_HISTORY_EVENTS=N for another number"

# Installs redis-server on a Debian machine where it may; elsewhere wgmonitor says what to install, unless the configuration names a Redis.
run: COMMAND = up
demo: COMMAND = demo
run demo:
	@command -v redis-server > /dev/null || command -v valkey-server > /dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get > /dev/null \
		|| { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server; }
	dotnet build cli/cli.csproj --configuration $(CONFIGURATION) -nodeReuse:false --tl:off --verbosity quiet
	@exec artifacts/bin/cli/$(shell echo $(CONFIGURATION) | tr A-Z a-z)/wgmonitor $(COMMAND) $(ARGS)

build:
	dotnet build WgMonitor.sln --configuration $(CONFIGURATION) -warnaserror -nodeReuse:false --tl:off

# The build itself checks code style and formatting (IDE0055, IDE0005); the first line adds what it does not see: line ends, charset, final newlines.
lint:
	dotnet format whitespace . --folder --exclude artifacts --verify-no-changes
	$(MAKE) build

test:
	tests/prerequisites.sh
	$(MAKE) build
	tests/run.sh $(CONFIGURATION)

# The same suite on a full corpus: make corpus-test CORPUS=/path/to/corpus (or WGMONITOR_CORPUS).
corpus-test: CORPUS ?= $(WGMONITOR_CORPUS)
corpus-test:
	@test -d "$(CORPUS)" || { echo "make corpus-test needs CORPUS=<folder of a full corpus, laid out as tests/Corpus>" >&2; exit 1; }
	tests/prerequisites.sh
	$(MAKE) build
	WGMONITOR_CORPUS="$(abspath $(CORPUS))" tests/run.sh $(CONFIGURATION)

# Ten million mutated lines through all parsers of the collector; takes a minute or two. make fuzz FUZZ_LINES=... for another number.
fuzz: FUZZ_LINES ?= 10000000
fuzz:
	dotnet build tests/Collector.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off
	WGMONITOR_FUZZ_LINES=$(FUZZ_LINES) dotnet run --no-build --configuration $(CONFIGURATION) --project tests/Collector.Tests -- --filter-namespace WgMonitor.Collector.Tests.Fuzzing --show-live-output on

# The product in a simulated world, seed by seed: 1,000 seeds are part of make test.
simulate: SEEDS ?= 10000
simulate:
	tests/prerequisites.sh
	dotnet build tests/Simulation.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off
	WGMONITOR_SIMULATION_SEEDS=$(SEEDS) WGMONITOR_SIMULATION_SEED=$(SEED) dotnet run --no-build --configuration $(CONFIGURATION) --project tests/Simulation.Tests -- --filter-method "*Whatever_happens*" --show-live-output on

# Ten thousand idle connections, and another sender's line is seen; needs "ulimit -n" of 20,000 and the memory of 20,000 sockets.
idle-test:
	dotnet build tests/Collector.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off
	WGMONITOR_IDLE_CONNECTIONS=10000 dotnet run --no-build --configuration $(CONFIGURATION) --project tests/Collector.Tests -- --filter-class WgMonitor.Collector.Tests.Listeners.IdleConnectionTests

# The same with 1,000 failed TLS handshakes and a flooding source on top, against the collector's own executable.
hostile-test:
	dotnet build tests/EndToEnd.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off
	WGMONITOR_IDLE_CONNECTIONS=10000 dotnet run --no-build --configuration $(CONFIGURATION) --project tests/EndToEnd.Tests -- --filter-class WgMonitor.EndToEnd.Tests.Product.HostileLoadTests --show-live-output on

# A real rsyslogd sends numbered lines by RELP, TCP and UDP through kills of the collector and faults of Redis; about ten minutes.
nothing-lost: LINES ?= 1000000
nothing-lost: KILLS ?= 50
nothing-lost:
	tests/prerequisites.sh
	dotnet build tests/EndToEnd.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off
	WGMONITOR_NOTHING_LOST_LINES=$(LINES) WGMONITOR_NOTHING_LOST_KILLS=$(KILLS) dotnet run --no-build --configuration $(CONFIGURATION) --project tests/EndToEnd.Tests -- \
		--filter-class WgMonitor.EndToEnd.Tests.Product.NothingLostTests --output Detailed

# A spool on a file system of its own, of four MiB, which is full; needs user namespaces.
full-disk-test:
	tests/prerequisites.sh
	dotnet build tests/EndToEnd.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off
	WGMONITOR_FULL_DISK=1 dotnet run --no-build --configuration $(CONFIGURATION) --project tests/EndToEnd.Tests -- --filter-method '*A_disk_that_takes_nothing_more*'

# wgmonitor repartition, killed while it copies, deletes and renames, and run again or given up; some six seconds a kill.
repartition-kills: KILLS ?= 100
repartition-kills:
	dotnet build tests/EndToEnd.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off
	WGMONITOR_REPARTITION_KILLS=$(KILLS) dotnet run --no-build --configuration $(CONFIGURATION) --project tests/EndToEnd.Tests -- \
		--filter-method '*F60_killed_at_random_points*' --show-live-output on

# wgmonitor replay, killed 20 times and started twice while lines flow in; make test does it with 1,000 lines a second.
replay-kills: LINES_PER_SECOND ?= 5000
replay-kills:
	tests/prerequisites.sh
	dotnet build tests/EndToEnd.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off
	WGMONITOR_REPLAY_LINES_PER_SECOND=$(LINES_PER_SECOND) dotnet run --no-build --configuration $(CONFIGURATION) --project tests/EndToEnd.Tests -- \
		--filter-method '*Killed_at_random_points_while_lines_flow*' --show-live-output on

# docs/benchmarks.md keeps the last results. Times of one machine say little; the ratios printed beside them do.
bench: BIN_FOLDER = $(shell echo $(CONFIGURATION) | tr A-Z a-z)
bench:
	tests/prerequisites.sh --bench
	dotnet build bench/WgMonitor.Benchmarks --configuration $(CONFIGURATION) -nodeReuse:false --tl:off --verbosity quiet
	dotnet build bench/WgMonitor.Throughput --configuration $(CONFIGURATION) -nodeReuse:false --tl:off --verbosity quiet
	@mkdir -p artifacts/bench
	@echo "Parse cost a line ..."
	@artifacts/bin/WgMonitor.Benchmarks/$(BIN_FOLDER)/WgMonitor.Benchmarks --filter '*' --job short --inProcess --artifacts artifacts/bench --exporters github > artifacts/bench/parse.log \
		|| { cat artifacts/bench/parse.log; exit 1; }
	@cat artifacts/bench/results/*-report-github.md
	@artifacts/bin/WgMonitor.Throughput/$(BIN_FOLDER)/WgMonitor.Throughput

# What replicas and partitions cost; on a machine that does nothing else.
scale-bench: BIN_FOLDER = $(shell echo $(CONFIGURATION) | tr A-Z a-z)
scale-bench:
	dotnet build bench/WgMonitor.Throughput --configuration $(CONFIGURATION) -nodeReuse:false --tl:off --verbosity quiet
	@artifacts/bin/WgMonitor.Throughput/$(BIN_FOLDER)/WgMonitor.Throughput scale

# Fills a Redis of its own, writes the history points and asks a running API.
history-bench: BIN_FOLDER = $(shell echo $(CONFIGURATION) | tr A-Z a-z)
history-bench:
	tests/prerequisites.sh
	dotnet build bench/WgMonitor.Throughput --configuration $(CONFIGURATION) -nodeReuse:false --tl:off --verbosity quiet
	@artifacts/bin/WgMonitor.Throughput/$(BIN_FOLDER)/WgMonitor.Throughput history

# A rebuild of a million events and a bare scan of the same log in turn, while the API is asked at a fixed rate.
rebuild-bench: BIN_FOLDER = $(shell echo $(CONFIGURATION) | tr A-Z a-z)
rebuild-bench:
	tests/prerequisites.sh
	dotnet build bench/WgMonitor.Throughput --configuration $(CONFIGURATION) -nodeReuse:false --tl:off --verbosity quiet
	@artifacts/bin/WgMonitor.Throughput/$(BIN_FOLDER)/WgMonitor.Throughput rebuild

docs:
	WGMONITOR_WRITE_DOCS=1 dotnet run --project tests/Architecture.Tests --configuration $(CONFIGURATION)

# One image a program. Behind a mirror: SDK_IMAGE=…, RUNTIME_IMAGE=… (Debian instead of the shell-less default: mcr.microsoft.com/dotnet/aspnet:10.0).
images: IMAGE_PREFIX ?= wgmonitor
images: VERSION = $(shell sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
images: TAG ?= $(VERSION)
images:
	for program in collector projector notifier api wgmonitor; do \
		docker build --file deploy/docker/Dockerfile --target $$program --tag $(IMAGE_PREFIX)/$$program:$(TAG) \
			$(if $(SDK_IMAGE),--build-arg SDK_IMAGE=$(SDK_IMAGE)) $(if $(RUNTIME_IMAGE),--build-arg RUNTIME_IMAGE=$(RUNTIME_IMAGE)) \
			--build-arg VERSION=$(VERSION) --build-arg REVISION=$(shell git rev-parse HEAD 2> /dev/null) \
			--build-arg CREATED=$(shell git log -1 --format=%cI 2> /dev/null) . || exit 1; \
	done

# Builds the images and starts the stack; nothing of it stays. Without a Docker engine it fails and says so. Containers of its own are removed by the test, not by
# Testcontainers' cleaner, whose image would have to be pulled.
compose-test:
	tests/prerequisites.sh
	dotnet build tests/Streams.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off --verbosity quiet
	dotnet build tests/Compose --configuration $(CONFIGURATION) -nodeReuse:false --tl:off --verbosity quiet
	TESTCONTAINERS_RYUK_DISABLED=true DOCKER_API_VERSION=$$(docker version --format '{{.Server.APIVersion}}' 2> /dev/null) dotnet run --no-build --configuration $(CONFIGURATION) --project tests/Compose -- --show-live-output on --parallel none

# The README's own commands in a container that holds Debian and the .NET SDK, and nothing else; needs a Docker engine.
readme-test: SDK_IMAGE ?= mcr.microsoft.com/dotnet/sdk:10.0
readme-test:
	docker run --rm --network host --volume "$(CURDIR):/source:ro" $(SDK_IMAGE) bash -c 'set -e; export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; apt-get install -y -qq --no-install-recommends git make curl > /dev/null; \
		git config --global --add safe.directory "*"; git clone --quiet /source /clone; cd /clone; tests/guide.sh README.md'

# Either platform from any machine; the packs of the other one come from NuGet.
publish: PLATFORMS ?= linux-x64 linux-arm64
publish:
	deploy/publish.sh $(PLATFORMS)

deb: PLATFORMS ?= linux-x64 linux-arm64
deb: publish
	deploy/deb.sh $(PLATFORMS)

# A newer version first, to upgrade to; then the packages as they are. What the machine has of .NET, Redis and systemd plays no part, and nothing of the machine is changed
# but for missing tools (systemd-container, debootstrap, lintian), which are installed.
deb-test: NEXT_VERSION = $(shell sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props | awk -F. '{ print $$1 "." $$2 "." $$3 + 1 "-test" }')
deb-test:
	tests/prerequisites.sh
	tests/Packages/root.sh
	VERSION=$(NEXT_VERSION) deploy/publish.sh linux-x64
	rm -rf artifacts/packages/next
	VERSION=$(NEXT_VERSION) LEVEL=0 OUT=artifacts/packages/next deploy/deb.sh linux-x64
	$(MAKE) deb
	dotnet build tests/Packages --configuration $(CONFIGURATION) -nodeReuse:false --tl:off --verbosity quiet
	dotnet run --no-build --configuration $(CONFIGURATION) --project tests/Packages -- --show-live-output on --parallel none

arm64-test:
	deploy/publish.sh linux-arm64
	tests/arm64.sh

sbom:
	deploy/sbom.sh
