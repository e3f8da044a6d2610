package io.retort.teacher;

import io.retort.files.BadInput;
import io.retort.files.RetortVersion;
import io.retort.generate.Completion;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.GenerationRequest;
import io.retort.generate.GenerationSettings;
import io.retort.generate.Generator;
import io.retort.generate.Likelihood;
import io.retort.generate.LikelihoodScorer;
import io.retort.generate.PromptChoice;
import io.retort.generate.PromptEncoder;
import io.retort.generate.PromptFormat;
import io.retort.generate.RawReply;
import io.retort.generate.ScoringRequest;
import io.retort.generate.StopReason;
import io.retort.generate.TeacherFingerprint;
import io.retort.generate.TextLanguageModel;
import io.retort.graph.ComputeRuntime;
import io.retort.graph.Engine;
import io.retort.lm.LanguageModel;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.WeightStorage;
import io.retort.runtime.RetortRuntime;
import io.retort.teacher.Judgement.Opinion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * A language model in this process as a teacher: it both writes replies and judges them. Contexts are put to it in a
 * prompt; one that is too long loses its oldest turns. Any thread may use it.
 */
public final class LocalTeacher implements Teacher {
    private final Path path;
    private final String engine;
    private final LocalTeacherSettings settings;
    private final Loading loading;
    private final Hashing hashing;
    private TextLanguageModel model;
    private Identity identity;
    private boolean closed;

    private interface Loading {
        TextLanguageModel load() throws IOException;
    }

    private interface Hashing {
        Identity identity() throws IOException;
    }

    /**
     * What tells a model from others.
     *
     * @param files  a digest of its files
     * @param kept   how its weights are kept in effect
     * @param stored whether they could be kept as they are stored
     */
    private record Identity(String files, WeightStorage kept, boolean stored) {
        static Identity of(Path path, WeightStorage asked, Engine engine) throws IOException {
            String files = TeacherFingerprint.of(path);
            try (LanguageModelFiles opened = LanguageModelFiles.open(path)) {
                return new Identity(files, opened.kept(engine, asked),
                        opened.kept(engine, WeightStorage.FILE) == WeightStorage.FILE);
            }
        }

        String fingerprint() {
            return TeacherFingerprint.of(files, kept);
        }
    }

    private LocalTeacher(Path path, String engine, LocalTeacherSettings settings, Loading loading, Hashing hashing) {
        this.path = path;
        this.engine = engine;
        this.settings = settings;
        this.loading = loading;
        this.hashing = hashing;
    }

    /**
     * Opens and loads a language model.
     *
     * @param path    a GGUF file, or a folder of the Hugging Face Hub (config.json, safetensors, tokenizer.json)
     * @param runtime stays open as long as the teacher
     * @throws BadInput if there is none, it is damaged, or of a kind that Retort does not know
     */
    public static LocalTeacher open(Path path, LocalTeacherSettings settings, RetortRuntime runtime)
            throws IOException {
        LocalTeacher teacher = whenAsked(path, settings, runtime);
        teacher.model = teacher.loading.load();
        return teacher;
    }

    /**
     * Makes a teacher whose model is loaded when it is first asked: a job that is finished already does not wait for
     * it.
     */
    public static LocalTeacher whenAsked(Path path, LocalTeacherSettings settings, RetortRuntime runtime) {
        ComputeRuntime compute = ComputeRuntime.of(runtime);
        return new LocalTeacher(path, runtime.engineName(), settings,
                () -> TextLanguageModel.open(path, compute.engine(), settings.weights()),
                () -> Identity.of(path, settings.weights(), compute.engine()));
    }

    /**
     * Makes a teacher of a language model that is loaded already; closing the teacher closes the model.
     *
     * @param path        its name is told in messages and provenance
     * @param fingerprint tells the model from others
     * @param engine      what executes the model
     */
    static LocalTeacher of(Path path, TextLanguageModel model, String fingerprint, String engine,
            LocalTeacherSettings settings) {
        LocalTeacher teacher = new LocalTeacher(path, engine, settings, () -> model,
                () -> new Identity(fingerprint, WeightStorage.F32, false));
        teacher.model = model;
        return teacher;
    }

    @Override
    public String name() {
        return TextLanguageModel.name(path);
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(true, true);
    }

    /**
     * A digest of the model's files, and of how its weights are kept where that is not in 32 bits. What else decides
     * what it says is told by {@link #provenance()}.
     */
    @Override
    public String fingerprint() {
        return identity().fingerprint();
    }

    /** Returns how the model's weights are kept in effect. */
    public WeightStorage weights() {
        return identity().kept;
    }

    /** Returns whether the model's file stores weights in fewer than 32 bits, and the engine could keep them so. */
    public boolean hasStoredWeights() {
        return identity().stored;
    }

    private synchronized Identity identity() {
        try {
            if (identity == null) identity = hashing.identity();
            return identity;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Map<String, Object> provenance() {
        Map<String, Object> facts = modelFacts(path, identity(), engine);
        facts.put("prompt", promptFacts(settings.prompt(), settings.history()));
        return facts;
    }

    /** The facts on a model that go into the provenance of everything it makes, whatever it is asked. */
    private static Map<String, Object> modelFacts(Path path, Identity identity, String engine) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("model", TextLanguageModel.name(path));
        facts.put("sha256", identity.files);
        // Version 0.1, which had nothing else than 32 bits, did not tell of them.
        if (identity.kept == WeightStorage.FILE) facts.put("weights", "file");
        facts.put("engine", engine);
        facts.put("code", RetortVersion.NAME);
        return facts;
    }

    private static Map<String, Object> promptFacts(PromptChoice prompt, int history) {
        Map<String, Object> facts = new LinkedHashMap<>(prompt.provenance());
        facts.put("history", history);
        return facts;
    }

    private synchronized TextLanguageModel model() {
        if (closed) throw new IllegalStateException("the teacher " + name() + " is closed");
        try {
            if (model == null) model = loading.load();
            return model;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PromptEncoder encoder(TextLanguageModel open, List<String> scene, int room) {
        int longest = open.model().longestPrompt(room);
        if (longest < 1) {
            throw BadInput.of("the teacher reads " + open.model().contextLength() + " tokens, and replies may have "
                    + room, "allow replies fewer tokens");
        }
        return new PromptEncoder(PromptFormat.of(settings.prompt().withLines(scene), open.name(), open.text()),
                open.tokenizer(), longest);
    }

    @Override
    public void reply(Decoding decoding, Constraints constraints, Iterator<ReplyRequest> requests,
            Consumer<TeacherReplies> done) {
        TextLanguageModel open = model();
        PromptEncoder plain = encoder(open, List.of(), constraints.maxTokens());
        Queue<Asked> asked = new ArrayDeque<>();
        Iterator<GenerationRequest> prompts = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return requests.hasNext();
            }

            @Override
            public GenerationRequest next() {
                ReplyRequest request = requests.next();
                PromptEncoder encoder = request.scene().isEmpty()
                        ? plain
                        : encoder(open, request.scene(), constraints.maxTokens());
                PromptEncoder.Fitted fitted = encoder.fitted(request.context().latest(settings.history()));
                asked.add(new Asked(request, fitted.whole()));
                return new GenerationRequest(request.id(), fitted.ids(), request.replies());
            }
        };
        new Generator(open.model(), open.tokenizer(),
                new GenerationSettings(decoding, constraints, plain.stops(), settings.batch()))
                .generate(prompts, generation -> {
                    Asked first = asked.remove();
                    done.accept(new TeacherReplies(first.request,
                            generation.completions().stream().map(LocalTeacher::reply).toList(),
                            generation.tokens(), first.whole));
                });
    }

    /** A request whose replies are being written. */
    private record Asked(ReplyRequest request, boolean whole) {
    }

    private static RawReply reply(Completion completion) {
        return new RawReply(completion.text(),
                completion.reason() == StopReason.END || completion.reason() == StopReason.STRING);
    }

    /**
     * Judges candidates. A candidate may have half of the tokens that the model reads, its context the other half; where
     * the two share no room, either has all of its own.
     */
    @Override
    public void judge(Iterator<JudgementRequest> requests, Consumer<Judgement> done) {
        TextLanguageModel open = model();
        LanguageModel model = open.model();
        int most = Math.max(model.contextLength() / 2, model.longestReply(model.longestPrompt(1)));
        PromptEncoder encoder = encoder(open, List.of(), most);
        Queue<Tokenized> asked = new ArrayDeque<>();
        Iterator<ScoringRequest> tokenized = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return requests.hasNext();
            }

            @Override
            public ScoringRequest next() {
                JudgementRequest request = requests.next();
                List<int[]> candidates = request.candidates().stream().map(encoder::reply).toList();
                List<int[]> read = candidates.stream().filter(tokens -> tokens.length <= most).toList();
                asked.add(new Tokenized(request, candidates));
                return new ScoringRequest(request.id(),
                        encoder.prompt(request.context().latest(settings.history())), encoder.unconditional(), read);
            }
        };
        new LikelihoodScorer(open.model(), settings.batchTokens()).score(tokenized, scored -> {
            Tokenized first = asked.remove();
            Iterator<Likelihood> likelihoods = scored.likelihoods().iterator();
            List<Optional<Opinion>> opinions = new ArrayList<>();
            for (int[] tokens : first.candidates) {
                opinions.add(tokens.length > most
                        ? Optional.empty()
                        : Optional.of(opinion(likelihoods.next(), tokens.length)));
            }
            done.accept(new Judgement(first.request, opinions));
        });
    }

    /** A request whose candidates are being judged. */
    private record Tokenized(JudgementRequest request, List<int[]> candidates) {
    }

    private static Opinion opinion(Likelihood likelihood, int tokens) {
        return new Opinion(likelihood.logLikelihood(), likelihood.mutualInformation(), tokens);
    }

    @Override
    public synchronized void close() {
        if (model != null) model.close();
        model = null;
        closed = true;
    }
}
