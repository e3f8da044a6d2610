"""What bench/gpu/check runs: each part a process of its own, with a limit; findings merged into one JSON file after each."""
import argparse
import glob
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MAIN = "io.retort.bench.gpu.GpuCheck"
# So long before its limit a part of ours is told to end by itself.
GRACE = 6
# Below this nothing is begun any more.
LEAST_SECONDS = 8
STOPPED_WITHIN = 5
SANITIZER_ERRORS = 86

# Parts in the order in which they run: what tells most comes first, should the time run out. Name, limit in seconds, with --figures, with --correctness.
PARTS = [
    ("machine", 20, True, True),
    ("card", 90, True, True),
    ("small", 60, False, True),
    ("portable", 40, False, True),
    ("residences", 25, False, True),
    ("figures", 85, True, False),
    ("torch", 55, True, False),
    ("plenty", 110, True, False),
    ("memcheck", 75, False, True),
    ("racecheck", 75, False, True),
    ("together", 30, False, True),
    ("large", 60, False, True),
    ("torch-plenty", 40, True, False),
]


def main():
    arguments = parse()
    check = Check(arguments)
    with tempfile.TemporaryDirectory(prefix="retort-gpu-check-") as work:
        check.unpack(work)
        chosen = [(name, limit) for name, limit, for_figures, for_correctness in PARTS if (
            name in arguments.only if arguments.only else not (
                arguments.figures and not for_figures or arguments.correctness and not for_correctness))]
        for i, (name, limit) in enumerate(chosen):
            # If all took their limits, each would have its share of what is left; what one leaves over is for those after it.
            check.run_part(name, limit, limit / sum(later for _, later in chosen[i:]))
    check.print_summary()
    return check.exit_code()


def parse():
    parser = argparse.ArgumentParser(prog="bench/gpu/check", description="bench/gpu/check's first lines say what it does.")
    parser.add_argument("--figures", action="store_true")
    parser.add_argument("--correctness", action="store_true")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--seconds", type=float, default=480)
    parser.add_argument("--out", default=os.path.join(os.environ.get("OUT", "target"), "gpu-check.json"))
    parser.add_argument("--pack", default="target/gpu-pack")
    parser.add_argument("--rehearse", action="store_true")
    arguments = parser.parse_args()
    unknown = set(arguments.only) - {part[0] for part in PARTS}
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; parts are {', '.join(part[0] for part in PARTS)}")
    if arguments.figures and arguments.correctness:
        parser.error("--figures and --correctness exclude each other; leave both out for everything")
    return arguments


class Check:
    def __init__(self, arguments):
        self.arguments = arguments
        self.end = time.monotonic() + arguments.seconds
        self.findings = []
        self.report = {"check": "retort gpu", "rehearsal": arguments.rehearse, "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                       "parts": []}
        self.java = None
        os.makedirs(os.path.dirname(os.path.abspath(arguments.out)), exist_ok=True)

    def unpack(self, work):
        self.work = work
        pack = self.arguments.pack
        for needed in ("runtime.tar.xz", "check.jar"):
            if not os.path.isfile(os.path.join(pack, needed)):
                sys.exit(f"bench/gpu/check: {pack}/{needed} is missing; run bench/gpu/pack where there is a JDK, and bring the folder along")
        with tarfile.open(os.path.join(pack, "runtime.tar.xz")) as archive:
            archive.extractall(work, filter="data")
        made = os.path.join(pack, "made-of.json")
        if os.path.isfile(made):
            with open(made, encoding="utf-8") as file:
                self.report["made_of"] = json.load(file)
        gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
        self.java = [os.path.join(work, "runtime", "bin", "java"), "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                     f"-Xmx{max(1, min(8, gigabytes // 4))}g", "-XX:+UseParallelGC", "-XX:-UsePerfData", "-Xlog:disable", "-Xlog:all=error:stderr",
                     "-cp", os.pathsep.join(sorted(glob.glob(os.path.join(os.path.abspath(pack), "*.jar")))), MAIN]

    def run_part(self, name, limit, share):
        left = self.end - time.monotonic()
        part = {"name": name}
        self.report["parts"].append(part)
        if left < LEAST_SECONDS:
            part["status"] = "left out: the time was up"
            self.write()
            return
        limit = min(limit, max(LEAST_SECONDS, left * share), left - 2)
        print(f"{name} ... (at most {limit:.0f} s)", flush=True)
        start = time.monotonic()
        if name == "machine":
            self.report["machine"] = self.machine()
            part["status"] = "done"
        else:
            self.run_process(part, name, limit)
        part["seconds"] = round(time.monotonic() - start, 1)
        print(f"    {part['status']}, {part['seconds']} s", flush=True)
        self.write()

    def run_process(self, part, name, limit):
        own_report = os.path.join(self.work, name + ".jsonl")
        command, sanitizer_log = self.command(name, own_report, max(2, limit - GRACE))
        if command is None:
            part["status"] = "left out: compute-sanitizer is not installed"
            return
        output = os.path.join(self.work, name + ".log")
        part["exit"] = run(command, output, limit)
        findings = read_lines(own_report)
        for finding in findings:
            self.findings.append({"part": name, **finding})
        if sanitizer_log:
            summary = sanitizer_summary(sanitizer_log)
            part["sanitizer"] = summary
            sound = summary["errors"] == 0
        else:
            sound = True
        wrong = sum(finding["kind"] == "failure" for finding in findings) + sum(finding.get("wrong", 0) for finding in findings if finding["kind"] in ("case", "first")) + sum(
            not finding["exact"] for finding in findings if finding["kind"] == "figure")
        if wrong:
            part["status"] = f"WRONG: {wrong} searches" + (", then stopped at its limit" if part["exit"] is None else "")
        elif part["exit"] is None:
            part["status"] = "stopped at its limit"
        elif not sound:
            errors = part["sanitizer"]["errors"]
            part["status"] = f"ERRORS that {name} found: {errors}" if errors else f"BROKE: {name} gave no verdict"
        elif part["exit"] != 0:
            part["status"] = f"BROKE with exit code {part['exit']}"
        else:
            part["status"] = "done"
        if part["status"] != "done":
            with open(output, encoding="utf-8", errors="replace") as file:
                printed = file.read()
            # Of a dump of all threads, what the main one waits for.
            main_thread = printed.find('"main"')
            part["output"] = printed[-12000:]
            print("    " + (printed[main_thread:] if main_thread >= 0 else printed[-1500:])[:1500].replace("\n", "\n    "), flush=True)

    def command(self, name, report, seconds):
        """The command, and the log of the sanitizer that it runs under; (None, None) if it has to be left out."""
        rehearse = ["rehearse"] if self.arguments.rehearse else []
        if name in ("torch", "torch-plenty"):
            fewer = 200 if self.arguments.rehearse else 1
            shape = f"{1_000_000 // fewer}x768" if name == "torch" else f"{20_000_000 // fewer}x384"
            return [sys.executable, os.path.join(HERE, "torch_topk.py"), report, str(seconds), shape] + (
                ["--copy"] if name == "torch" else []) + (["--cpu"] if self.arguments.rehearse else []), None
        if name in ("memcheck", "racecheck"):
            sanitizer = find_sanitizer()
            if sanitizer is None:
                return None, None
            log = os.path.join(self.work, name + ".sanitizer")
            return [sanitizer, "--tool", name, "--error-exitcode", str(SANITIZER_ERRORS), "--log-file", log, "--require-cuda-init", "no",
                    # The driver's own answers are checked by our code; one of them says where a kernel's parameters end.
                    "--report-api-errors", "no",
                    "--print-limit", "20", *self.java, "sanitized", report, str(seconds), *rehearse], log
        if name == "portable":
            return [self.java[0], "-Dretort.gpu.portable=true", *self.java[1:], "small", report, str(seconds), *rehearse], None
        return [*self.java, name, report, str(seconds), *rehearse], None

    def machine(self):
        machine = {"processor": processor(), "cores": os.cpu_count(), "kernel": platform.release(),
                   "memory_gib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30, "python": platform.python_version()}
        try:
            fields = ["name", "driver_version", "memory.total", "power.limit", "clocks.max.sm", "clocks.max.memory", "ecc.mode.current"]
            told = subprocess.run(["nvidia-smi", "--query-gpu=" + ",".join(fields), "--format=csv,noheader"], capture_output=True, text=True, timeout=15)
            machine["nvidia_smi"] = dict(zip(fields, (value.strip() for value in told.stdout.splitlines()[0].split(","))))
        except (OSError, IndexError, subprocess.TimeoutExpired) as error:
            machine["nvidia_smi"] = None
            machine["nvidia_smi_failure"] = f"{type(error).__name__}: {error}"
        return machine

    def of_kind(self, kind):
        return [finding for finding in self.findings if finding["kind"] == kind]

    def bandwidth(self):
        """The card's copy rate: the better of what Retort and PyTorch measured."""
        rates = [finding["bytes_per_second"] for finding in self.of_kind("copy") + self.of_kind("torch_copy")]
        return max(rates, default=None)

    def figure(self, data, format, queries, k=10):
        return next((f for f in self.of_kind("figure") if (f["data"], f["format"], f["queries"], f["k"]) == (data, format, queries, k)), None)

    def torch_ms(self, dtype, queries, k=10):
        return next((f["ms"] for f in self.of_kind("torch_figure") if f["part"] == "torch" and (f["dtype"], f["queries"], f["k"]) == (dtype, queries, k)), None)

    def table(self):
        """The targets of the project, each with what was measured; value None where nothing was."""
        rows = []

        def target(what, value, at_least=None, at_most=None, also=True):
            met = None if value is None or self.arguments.rehearse else bool(also) and (value >= at_least if at_least is not None else value <= at_most)
            rows.append({"what": what, "target": f"{'>=' if at_most is None else '<='} {at_least if at_most is None else at_most:g}",
                         "value": value, "met": met})

        bandwidth = self.bandwidth()
        for data in ("ISOTROPIC", "CLUSTERED"):
            one = {format: self.figure(data, format, 1) for format in ("FLOAT16", "INT8")}
            half, byte = one["FLOAT16"], one["INT8"]
            name = data.lower()
            target(f"1M x 768 {name}, 1 query, f16: part of the copy rate",
                   half and bandwidth and half["rows"] * half["dims"] * 2 / (half["kernel_ms"] / 1000) / bandwidth, at_least=0.8, also=half and half["exact"])
            target(f"1M x 768 {name}, 1 query: f16 time / int8 time", half and byte and half["kernel_ms"] / byte["kernel_ms"], at_least=1.6,
                   also=half and byte and half["exact"] and byte["exact"])
            for format in ("FLOAT16", "INT8"):
                for queries, most in ((64, 1.3), (256, 2.0)):
                    many = self.figure(data, format, queries)
                    target(f"1M x 768 {name}, {format.lower()}: time of {queries} queries / of one",
                           many and one[format] and many["kernel_ms"] / one[format]["kernel_ms"], at_most=most, also=many and many["exact"])
                    for dtype in ("float16", "float32"):
                        torch_ms = self.torch_ms(dtype, queries)
                        target(f"1M x 768 {name}, {queries} queries: PyTorch {dtype} time / {format.lower()} time",
                               many and torch_ms and torch_ms / many["kernel_ms"], at_least=5, also=many and many["exact"])
        plenty = self.figure("PLENTIFUL", "INT8", 256)
        target("20M x 384, int8, 256 queries: queries/s, call to answer", plenty and 256 / (plenty["wall_ms"] / 1000), at_least=50_000,
               also=plenty and plenty["exact"])
        for format in ("FLOAT16", "INT8"):
            one = self.figure("ISOTROPIC", format, 1)
            target(f"1M x 768 isotropic, 1 query, {format.lower()}: us beyond the kernel", one and one["beyond_kernel_us"], at_most=60)
        return rows

    def write(self):
        self.report.update(copy_bytes_per_second=self.bandwidth(), table=self.table(), findings=self.findings)
        partial = self.arguments.out + ".part"
        with open(partial, "w", encoding="utf-8") as file:
            json.dump(self.report, file, indent=1)
            file.write("\n")
        os.replace(partial, self.arguments.out)

    def print_summary(self):
        card = next((f["info"].get("name") for f in self.of_kind("card")), None)
        smi = self.report.get("machine", {}).get("nvidia_smi") or {}
        print(f"\n{card or 'no card answered'}, driver {smi.get('driver_version', '?')}" + (" -- REHEARSAL, figures say nothing" if self.arguments.rehearse else ""))
        for kind, who in (("copy", "Retort"), ("torch_copy", "PyTorch")):
            for finding in self.of_kind(kind):
                print(f"copy within the card's memory, {who}: {finding['bytes_per_second'] / 1e12:.3f} TB/s read and written")
        for finding in self.of_kind("correctness"):
            print(f"correctness, {finding['part']} ({finding['extent'].lower()}): {finding['done']} of {finding['cases']} cases, {finding['wrong']} searches wrong")
        for finding in self.findings:
            for fault in [*finding.get("faults", []), finding.get("fault")]:
                if fault:
                    where = " ".join(str(finding[name]) for name in ("data", "rows", "dims", "format", "queries") if name in finding)
                    print(f"WRONG in {finding['part']}, {where}: {fault.splitlines()[0]}")
        for part in self.report["parts"]:
            if "sanitizer" in part:
                print(f"{part['name']}: {part['sanitizer']['summary']}")
        print(f"\n{'data':<10} {'rows':>9} {'dims':>5} {'k':>4} {'queries':>7}  {'what':<18} {'ms':>9} {'call, ms':>9}")
        for f in self.of_kind("figure"):
            print(f"{f['data'].lower():<10.10} {f['rows']:>9} {f['dims']:>5} {f['k']:>4} {f['queries']:>7}  {'retort ' + f['format'].lower():<18} "
                  f"{f['kernel_ms']:>9.3f} {f['wall_ms']:>9.3f}" + ("" if f["exact"] else "  WRONG"))
        for f in self.of_kind("torch_figure"):
            print(f"{'isotropic':<10.10} {f['rows']:>9} {f['dims']:>5} {f['k']:>4} {f['queries']:>7}  {'torch ' + f['dtype']:<18} {f['ms']:>9.3f}"
                  + (f"           in {f['parts']} parts" if f["parts"] > 1 else ""))
        print()
        rows = self.report.get("table", [])
        for row in rows:
            if row["value"] is None:
                continue
            value = f"{row['value']:.3g}" if row["value"] < 1000 else f"{row['value']:,.0f}"
            print(f"{row['what']:<72} {row['target']:>9} {value:>9}  {'-' if row['met'] is None else 'met' if row['met'] else 'MISSED'}")
        unmeasured = sum(row["value"] is None for row in rows)
        if unmeasured:
            print(f"not measured: {unmeasured} of {len(rows)} targets")
        for part in self.report["parts"]:
            if part["status"] != "done":
                print(f"{part['name']}: {part['status']}")
        print(f"report: {self.arguments.out}")

    def exit_code(self):
        return int(any(part["status"] != "done" and not part["status"].startswith("left out") for part in self.report["parts"]))


def run(command, output, limit):
    """The exit code; None if it had to be stopped, with all that it had started."""
    with open(output, "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            pass
        if "java" in os.path.basename(command[0]):
            process.send_signal(signal.SIGQUIT)  # where each thread stands goes to the log
            time.sleep(1)
        os.killpg(process.pid, signal.SIGKILL)
        try:
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            pass  # a process that a driver holds cannot be waited for; the report matters more
        return None


def read_lines(path):
    """Objects, one a line; a last line that was not finished is left out."""
    findings = []
    if os.path.isfile(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    findings.append(json.loads(line))
    return findings


def sanitizer_summary(log):
    text = ""
    if os.path.isfile(log):
        with open(log, encoding="utf-8", errors="replace") as file:
            text = file.read()
    lines = [line.strip("= \n") for line in text.splitlines() if "SUMMARY" in line]
    counts = [int(number) for line in lines for number in re.findall(r"(\d+) (?:errors?|hazards?)", line)]
    return {"errors": max(counts) if counts else None, "summary": "; ".join(lines) or "no summary", "log": text[-6000:]}


def find_sanitizer():
    found = shutil.which("compute-sanitizer")
    places = sorted(glob.glob("/usr/local/cuda*/bin/compute-sanitizer") + glob.glob("/usr/local/cuda*/compute-sanitizer/compute-sanitizer")
                    + glob.glob("/opt/nvidia/*/compute-sanitizer") + glob.glob("/opt/nvidia/*/*/compute-sanitizer"))
    return found or next((place for place in places if os.access(place, os.X_OK)), None)


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


if __name__ == "__main__":
    sys.exit(main())
