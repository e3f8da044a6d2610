package io.retort.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.Origin;
import io.retort.dialogue.Reply;
import io.retort.dialogue.ResponseSet;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.files.Counters;
import io.retort.files.JobEntry;
import io.retort.files.Progress;
import io.retort.files.ResumableJob;
import io.retort.files.Sha256;
import io.retort.graph.ComputeRuntime;
import io.retort.ingest.ReadingReport;
import io.retort.ingest.ReadingSettings;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import io.retort.learn.NegativeSearch;
import io.retort.reply.SearchSetup;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RetortRuntime;
import io.retort.search.SearchMethod;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingsCodec;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Mines hard negatives: for each context the replies that a student ranks first though they are none of its candidates,
 * in the file that training reads as listed negatives. Killed or stopped, it goes on where it was. An object runs once.
 */
public final class MineJob {
    private static final String CONTEXTS = "contexts", NEGATIVES = "negatives";
    /** Number of contexts that are searched together; the job can stop after each such batch. */
    private static final int BATCH = 512;

    private final MineSettings settings;
    private final Path out;
    private final ResponseSet responses = new ResponseSet();
    private final List<Mined> contexts = new ArrayList<>();
    private final List<ReadingReport> reports = new ArrayList<>();
    private long tooShort;
    private volatile boolean stopping;

    /** A context with the places of its candidates in the response set; the array is the record's own. */
    private record Mined(String id, Context context, int[] candidates) {
    }

    /**
     * Prepares the mining of hard negatives; nothing is read or written yet.
     *
     * @param out the JSONL file to write, gzipped if it ends in .gz
     */
    public MineJob(MineSettings settings, Path out) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        if (out == null) throw new IllegalArgumentException("out is null");
        this.settings = settings;
        this.out = out;
    }

    /**
     * What came of mining.
     *
     * @param out         the file
     * @param contexts    that are done
     * @param negatives   that were found for them
     * @param interrupted whether it was stopped before its end; there is no file yet then
     */
    public record Result(Path out, long contexts, long negatives, boolean interrupted) {
    }

    /**
     * Mines until the end, or until {@link #stop()}; the file is touched once data and model have been read.
     *
     * @param progress counts the texts of all replies, then the contexts
     * @param news     told in a sentence what is left out of the data, and when something takes a while
     * @throws BadInput       if data or model cannot be used, or the file was made by another run
     * @throws InvalidSetting if no data are named
     */
    public Result run(RetortRuntime runtime, Progress progress, Consumer<String> news) throws IOException {
        ComputeRuntime compute = ComputeRuntime.of(runtime);
        InvalidSetting.unless(!settings.data().isEmpty(), "data", settings.data(),
                "name files of dialogues or distilled data");
        settings.search().flatMap(SearchSetup::asked).ifPresent(SearchMethod::requireHere);
        ModelFolder folder = ModelLookup.find(settings.model(), news);
        for (Path file : settings.data()) read(file, news);
        if (tooShort > 0) {
            news.accept(String.format(Locale.ROOT, "%,d contexts are left out: their reply has fewer than %d words",
                    tooShort, settings.minWords()));
        }
        if (contexts.isEmpty()) {
            throw BadInput.in(settings.data().getFirst(), "has no reply of " + settings.minWords() + " words or more",
                    "give more data, or set \"min-words\" to less");
        }
        try (RetrievalModel model = folder.load(compute.engine())) {
            if (!model.isSearchable()) {
                throw BadInput.in(folder.path(), "is no bi-model, whose replies a search could find",
                        "mine with a bi-encoder");
            }
            try (ResumableJob job = ResumableJob.open(out, identity(folder, runtime))) {
                if (!job.isFinished() && mine(model, compute, job, progress)) job.finish();
                return new Result(out, job.tally().of(CONTEXTS), job.tally().of(NEGATIVES), !job.isFinished());
            }
        }
    }

    /** Ends the job after the contexts at work, which are kept. Any thread may ask for it. */
    public void stop() {
        stopping = true;
    }

    /** Everything that decides the output, by which a resumed job knows that it goes on with its own file. */
    private ObjectNode identity(ModelFolder folder, RetortRuntime runtime) throws IOException {
        ObjectNode identity = JsonNodeFactory.instance.objectNode().put("job", "mine").put("model_fingerprint",
                folder.fingerprint()).put("engine", runtime.engineName());
        SettingsCodec<MineSettings> codec = SettingsCodec.of(MineSettings.class);
        identity.set("settings", codec.write(settings).retain(codec.deciding()));
        // Under the names that it has always had, so that what an earlier version began goes on.
        ((ObjectNode) identity.get("settings")).remove(SettingsCodec.of(ReadingSettings.class).fields().keySet());
        settings.reading().decided(reports)
                .ifPresent(reading -> identity.set("reading", new ObjectMapper().valueToTree(reading)));
        for (Path file : settings.data()) identity.withArray("data_sha256").add(Sha256.of(file));
        return identity;
    }

    private void read(Path file, Consumer<String> news) throws IOException {
        Exchanges rules = Exchanges.standard().withHistory(settings.history()).withMinimumWords(settings.minWords());
        SourceFile source = SourceFile.recognise(file, settings.reading());
        switch (source.form()) {
            case DialogueFile _ -> {
                try (SourceReader<Dialogue> reader = source.dialogues()) {
                    reader.forEachRemaining(dialogue -> {
                        Exchanges exchanges = reader.speakers().of(dialogue, rules);
                        exchanges.of(dialogue).forEach(this::add);
                        tooShort += exchanges.tooShort(dialogue);
                    });
                    tell(reader.report(), news);
                }
            }
            case DistilledFile format -> {
                try (SourceReader<Distilled> reader = source.open(format)) {
                    reader.forEachRemaining(this::add);
                    tell(reader.report(), news);
                }
            }
            default -> throw BadInput.in(file, "holds no contexts with their replies",
                    "give dialogues or distilled data");
        }
    }

    private void tell(ReadingReport report, Consumer<String> news) {
        reports.add(report);
        if (report.isNews()) news.accept(report.sentence());
    }

    private void add(Exchange exchange) {
        contexts.add(new Mined(exchange.dialogueId() + "#" + exchange.turn(), exchange.context(),
                new int[]{responses.add(exchange.reply(), Origin.ORIGINAL)}));
    }

    private void add(Distilled distilled) {
        int[] candidates = distilled.candidates().stream()
                .mapToInt(candidate -> responses.add(candidate.text(), candidate.origin())).toArray();
        boolean isLongEnough = distilled.candidates().stream().filter(each -> each.origin() == Origin.ORIGINAL)
                .map(Candidate::text).allMatch(text -> Exchanges.words(text) >= settings.minWords());
        if (!isLongEnough) {
            tooShort++;
            return;
        }
        contexts.add(new Mined(distilled.id(), distilled.context().latest(settings.history()), candidates));
    }

    /** Mines all contexts that are left; true if it came to the end, false if it was stopped. */
    private boolean mine(RetrievalModel model, ComputeRuntime runtime, ResumableJob job, Progress progress) {
        List<String> texts = responses.replies().stream().map(Reply::text).toList();
        float[][] vectors = model.encodeReplies(texts, progress);
        int most = contexts.stream().mapToInt(each -> each.candidates.length).max().orElseThrow();
        try (NegativeSearch search = new NegativeSearch(vectors, model.dim(),
                settings.search().flatMap(SearchSetup::asked), contexts.size(), runtime.pool())) {
            int from = Math.toIntExact(job.done());
            while (from < contexts.size()) {
                if (stopping) return false;
                List<Mined> batch = contexts.subList(from, Math.min(contexts.size(), from + BATCH));
                float[][] queries = model.encodeContexts(
                        batch.stream().map(each -> model.inputs().context(each.context)).toList(), Progress.NONE);
                List<int[]> found = search.best(queries,
                        (query, row) -> IntStream.of(batch.get(query).candidates).anyMatch(each -> each == row), most,
                        settings.skip(), settings.negatives());
                for (int i = 0; i < batch.size(); i++) job.add(entry(batch.get(i), found.get(i)));
                from += batch.size();
                progress.update(from, contexts.size());
            }
        }
        return true;
    }

    private JobEntry entry(Mined context, int[] rows) {
        Counters tally = new Counters().add(CONTEXTS, 1).add(NEGATIVES, rows.length);
        if (rows.length == 0) return new JobEntry(Optional.empty(), tally);
        ObjectNode line = JsonNodeFactory.instance.objectNode().put("id", context.id);
        for (int row : rows) line.withArray("negatives").add(responses.get(row).text());
        return new JobEntry(Optional.of(line), tally);
    }
}
