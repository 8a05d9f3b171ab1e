CONFIGURATION ?= Release
export DOTNET_NOLOGO = 1
export DOTNET_CLI_TELEMETRY_OPTOUT = 1

.PHONY: build lint test corpus-test fuzz

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

# Ten million random datagrams through the collector; takes a minute or two. make fuzz FUZZ_LINES=... for another number.
fuzz: FUZZ_LINES ?= 10000000
fuzz:
	dotnet build tests/Collector.Tests --configuration $(CONFIGURATION) -nodeReuse:false --tl:off
	WGMONITOR_FUZZ_LINES=$(FUZZ_LINES) dotnet run --no-build --configuration $(CONFIGURATION) --project tests/Collector.Tests -- --filter-class WgMonitor.Collector.Tests.FuzzTests
