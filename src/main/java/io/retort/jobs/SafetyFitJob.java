package io.retort.jobs;

import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Response;
import io.retort.dialogue.ResponseFile;
import io.retort.dialogue.Turn;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import io.retort.files.Progress;
import io.retort.files.TextLines;
import io.retort.graph.ComputeRuntime;
import io.retort.ingest.ReadingSettings;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RetortRuntime;
import io.retort.safety.SafetyClassifier;
import io.retort.safety.SafetyClassifier.Example;
import io.retort.safety.SafetyClassifier.Kind;
import io.retort.settings.InvalidSetting;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Fits the safety classifier of a student, on what the student itself makes of provocations, everyday talk and labelled
 * texts, and writes it into the student's folder.
 */
public final class SafetyFitJob {
    /** How often a text that a person labelled counts beside one that only came out of a file of its kind. */
    private static final int LABELLED_WEIGHT = 3;
    private static final int HELD_OUT = 5;
    private final SafetyFitSettings settings;

    /** Prepares a fit with these settings; nothing is read yet. */
    public SafetyFitJob(SafetyFitSettings settings) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        this.settings = settings;
    }

    /**
     * What came of it.
     *
     * @param file     that holds the classifier
     * @param examples that it learnt from
     * @param everyday texts that set its thresholds
     */
    public record Result(Path file, int examples, int everyday) {
    }

    private record Text(String text, Kind kind) {
    }

    /**
     * Fits and writes the classifier.
     *
     * @param progress counts texts
     * @param news     is told what is worth a message
     * @throws BadInput       if a file is not what it should be, or the student's vectors are of another kind
     * @throws InvalidSetting if no model or no data are named
     */
    public Result run(RetortRuntime runtime, Progress progress, Consumer<String> news) throws IOException {
        InvalidSetting.unless(!settings.model().isEmpty(), "model", settings.model(), "name a model or its folder");
        InvalidSetting.unless(!settings.provocations().isEmpty(), "provocations", settings.provocations(),
                "name files");
        InvalidSetting.unless(!settings.everyday().isEmpty(), "everyday", settings.everyday(), "name files");
        InvalidSetting.unless(!settings.labelled().isEmpty(), "labelled", settings.labelled(),
                "name files, which must hold crises");
        ModelFolder folder = ModelLookup.find(settings.model(), news);
        List<Text> texts = new ArrayList<>();
        for (Path file : settings.labelled()) labelled(file, texts);
        int labelled = texts.size();
        for (Path file : settings.provocations()) provocations(file, texts);
        Random random = new Random(settings.seed());
        List<Text> everyday = new ArrayList<>();
        for (Path file : settings.everyday()) {
            List<String> all = texts(file);
            Collections.shuffle(all, random);
            all.stream().limit(settings.limit()).forEach(each -> everyday.add(new Text(each, Kind.FINE)));
        }
        Collections.shuffle(everyday, random);
        int heldOut = Math.max(1, everyday.size() / HELD_OUT);
        texts.addAll(everyday.subList(heldOut, everyday.size()));
        texts.addAll(everyday.subList(0, heldOut));
        float[][] vectors = vectors(runtime, folder, texts, progress);
        List<Example> byHand = examples(texts, vectors, 0, labelled);
        List<Example> examples = examples(texts, vectors, labelled, texts.size() - heldOut);
        for (Kind kind : Kind.values()) {
            if (Stream.of(byHand, examples).flatMap(List::stream).noneMatch(each -> each.kind() == kind)) {
                throw BadInput.in(settings.labelled().getFirst(),
                        "and the other files hold no text that is " + kind.name().toLowerCase(Locale.ROOT), "add some");
            }
        }
        SafetyClassifier fitted = SafetyClassifier.fit(folder.fingerprint(), examples, byHand, LABELLED_WEIGHT,
                Arrays.asList(vectors).subList(texts.size() - heldOut, texts.size()), settings.alarms(),
                settings.lookAlikes());
        String data = Stream.of(settings.provocations(), settings.everyday(), settings.labelled()).flatMap(List::stream)
                .map(file -> file.getFileName().toString()).collect(Collectors.joining(", "));
        return new Result(fitted.write(settings.out().orElse(folder.path()), data), byHand.size() + examples.size(),
                heldOut);
    }

    private static List<Example> examples(List<Text> texts, float[][] vectors, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> new Example(vectors[i], texts.get(i).kind)).toList();
    }

    private static float[][] vectors(RetortRuntime runtime, ModelFolder folder, List<Text> texts, Progress progress)
            throws IOException {
        try (RetrievalModel model = folder.load(ComputeRuntime.of(runtime).engine())) {
            if (model.config().form().contextVectors().isPresent()) {
                throw BadInput.in(folder.path(), "makes several vectors of a turn, not one", "name a bi-encoder");
            }
            return model.encodeContexts(
                    texts.stream().map(each -> model.inputs().context(Context.of(each.text))).toList(), progress);
        }
    }

    private static void labelled(Path file, List<Text> texts) throws IOException {
        try (TextLines lines = TextLines.open(file)) {
            while (lines.hasNext()) {
                String line = lines.nextFilled();
                int tab = line.indexOf('\t');
                String label = tab < 0 ? "" : line.substring(0, tab);
                Kind kind = Arrays.stream(Kind.values())
                        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(label)).findFirst()
                        .orElseThrow(() -> BadInput.atLine(file, lines.line(), "does not begin with a label and a tab",
                                "write fine, abuse or crisis, a tab, and the text"));
                texts.add(new Text(line.substring(tab + 1), kind));
            }
        }
    }

    private static void provocations(Path file, List<Text> texts) throws IOException {
        try (JsonLines lines = JsonLines.open(file)) {
            while (lines.hasNext()) texts.add(new Text(lines.next().filledText("text"), Kind.ABUSE));
        }
    }

    private static List<String> texts(Path file) throws IOException {
        List<String> texts = new ArrayList<>();
        SourceFile source = SourceFile.recognise(file, ReadingSettings.defaults());
        switch (source.form()) {
            case DialogueFile _ -> {
                try (SourceReader<Dialogue> reader = source.dialogues()) {
                    reader.forEachRemaining(
                            dialogue -> dialogue.turns().stream().map(Turn::text).forEach(texts::add));
                }
            }
            case ResponseFile format -> {
                try (SourceReader<Response> reader = source.open(format)) {
                    reader.forEachRemaining(reply -> texts.add(reply.text()));
                }
            }
            default -> throw BadInput.in(file, "holds neither dialogues nor texts",
                    "give dialogues, or lines {\"text\": ...}");
        }
        texts.removeIf(String::isBlank);
        return texts;
    }
}
