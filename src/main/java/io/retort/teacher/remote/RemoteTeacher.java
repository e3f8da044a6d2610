package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.RetortVersion;
import io.retort.files.Sha256;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.PromptChoice;
import io.retort.generate.RawReply;
import io.retort.teacher.Capabilities;
import io.retort.teacher.Judgement;
import io.retort.teacher.JudgementRequest;
import io.retort.teacher.ReplyRequest;
import io.retort.teacher.Teacher;
import io.retort.teacher.TeacherReplies;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * A language model behind HTTP as a teacher. It writes replies by OpenAI's {@code /completions} or {@code
 * /chat/completions}, and judges them where its server can tell likelihoods, which is tried and checked when it is
 * opened. Many requests are under way at once; faults that pass are waited for. Any thread may use it.
 *
 * <p>The same request brings the same reply again as far as the server keeps to seeds.
 */
public final class RemoteTeacher implements Teacher {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    /** Contexts that may be done before the first of them is, for each request that may be under way. */
    private static final int WINDOW = 4;

    private final RemoteTeacherSettings settings;
    private final Endpoint endpoint;
    private final ServerFacts server;
    private final LikelihoodProbe likelihoods;
    private final ConcurrentWork work;
    private final AtomicLong unreadable = new AtomicLong();

    private RemoteTeacher(RemoteTeacherSettings settings, Endpoint endpoint) {
        this.settings = settings;
        this.endpoint = endpoint;
        this.work = new ConcurrentWork(settings.requests());
        this.server = ServerFacts.ask(endpoint, settings.model());
        this.likelihoods = isChat()
                ? new LikelihoodProbe(Optional.empty(), false, List.of("likelihoods are told of continuations alone"))
                : LikelihoodProbe.of(endpoint, server);
    }

    /**
     * Asks a server for its model, and finds out what it can do.
     *
     * @throws BadInput if there is no such model, the key is refused, or the address is none of such a server
     */
    public static RemoteTeacher open(RemoteTeacherSettings settings) {
        return open(settings, System.getenv(), FIRST_PAUSE);
    }

    /** @param environment holds the key, if there is one */
    static RemoteTeacher open(RemoteTeacherSettings settings, Map<String, String> environment, Duration firstPause) {
        Endpoint endpoint = new Endpoint(settings, ApiKey.of(settings.keyVariable(), environment), firstPause);
        try {
            return new RemoteTeacher(settings, endpoint);
        } catch (RuntimeException e) {
            endpoint.close();
            throw e;
        }
    }

    private boolean isChat() {
        return settings.prompt().form() == PromptChoice.Form.CHAT;
    }

    @Override
    public String name() {
        return server.model();
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(true, likelihoods.found().isPresent());
    }

    /** A digest of the model's name and of what the server says of it, wherever the server is. */
    @Override
    public String fingerprint() {
        return server.fingerprint();
    }

    @Override
    public Map<String, Object> provenance() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("model", name());
        facts.put("fingerprint", fingerprint());
        facts.put("server", server.kind().label());
        likelihoods.found().ifPresent(way -> facts.put("likelihoods", way.name()));
        facts.put("code", RetortVersion.NAME);
        Map<String, Object> prompt = new LinkedHashMap<>(settings.prompt().provenance());
        prompt.put("history", settings.history());
        facts.put("prompt", prompt);
        return facts;
    }

    /** Says what the server is and can do, in a sentence for people. */
    public String sentence() {
        String told = endpoint.address() + " is " + server.kind().label() + " with the model " + name();
        if (likelihoods.found().isEmpty()) return told + "; it writes replies and cannot judge them (" + why() + ")";
        return told + "; it writes replies, and tells likelihoods by " + likelihoods.found().get().name()
                + (likelihoods.checked()
                        ? ", as a check with a short text confirms"
                        : ", which it gives no way to check");
    }

    private String why() {
        return String.join("; ", likelihoods.reasons());
    }

    /** What was asked of the server so far. */
    public RemoteUsage usage() {
        return endpoint.usage(unreadable.get());
    }

    @Override
    public void requireJudges() {
        if (capabilities().judges()) return;
        throw BadInput.of(
                "the teacher " + name() + " at " + endpoint.address() + " tells no likelihoods (" + why() + ")",
                isChat()
                        ? "use the prompt form `continuation`"
                        : "judge with a language model in a file (GGUF, or a folder of the Hugging Face Hub), or one "
                                + "behind vLLM, SGLang, llama.cpp, llama-cpp-python, or Text Generation Inference with "
                                + "prefill log-probabilities");
    }

    // ---- replies

    @Override
    public void reply(Decoding decoding, Constraints constraints, Iterator<ReplyRequest> requests,
            Consumer<TeacherReplies> done) {
        ObjectNode sampling = new RemoteSampling(server, isChat()).of(decoding, constraints);
        work.run(window(), requests, request -> replies(request, decoding, sampling), done);
    }

    private int window() {
        return WINDOW * settings.requests();
    }

    private TeacherReplies replies(ReplyRequest request, Decoding decoding, ObjectNode sampling) {
        Context context = request.context().latest(settings.history());
        PromptChoice choice = settings.prompt().withLines(request.scene());
        RemotePrompt prompt = new RemotePrompt(choice);
        List<RawReply> replies = new ArrayList<>();
        long[] tokens = {0};
        int[] turns = {prompt.most(context)};
        for (int i = 0; i < request.replies(); i++) {
            long seed = seed(decoding, request.id(), i);
            JsonNode answer = fitted(request.id(), turns, fitting -> {
                ObjectNode body = sampling.deepCopy();
                if (decoding instanceof Decoding.Sampling) body.put("seed", seed);
                prompt.writeTo(body, context.latest(fitting));
                return endpoint.post(endpoint.v1(isChat() ? "chat/completions" : "completions"), body);
            }).orElseThrow(() -> BadInput.of(request.id() + ": the newest turn alone is too long for " + name(),
                    "leave the context out, or take a teacher that reads more"));
            replies.add(reply(request.id(), answer));
            tokens[0] += Math.max(0, answer.path("usage").path("completion_tokens").asLong(0));
        }
        boolean whole = turns[0] == context.turns().size();
        return new TeacherReplies(request, replies, tokens[0], whole);
    }

    private RawReply reply(String id, JsonNode answer) {
        JsonNode choice = told(id, () -> Likelihoods.choice(answer));
        JsonNode text = isChat() ? choice.path("message").path("content") : choice.path("text");
        if (!text.isTextual() && !text.isNull()) {
            throw BadInput.of(id + ": the teacher's server " + endpoint.address() + " answered without a text",
                    "see that it keeps to OpenAI's protocol");
        }
        String reason = choice.path("finish_reason").asText("");
        boolean finished = reason.equals("stop") || reason.equals("eos_token") || reason.equals("stop_sequence");
        return new RawReply(text.asText(""), finished && text.isTextual());
    }

    /** The seed of one reply, by which it is drawn again when it is asked for again. */
    private static long seed(Decoding decoding, String id, int number) {
        if (!(decoding instanceof Decoding.Sampling sampling)) return 0;
        Sha256 hash = new Sha256();
        hash.update((sampling.seed() + "\n" + id + "\n" + number).getBytes(StandardCharsets.UTF_8));
        return Long.parseLong(hash.hex().substring(0, 8), 16) >>> 1;
    }

    /**
     * Asks with as many of the newest turns as the server takes; empty if even one is too long.
     *
     * @param turns how many to begin with, and how many it were
     */
    private <A> Optional<A> fitted(String id, int[] turns, IntFunction<A> asked) {
        for (; turns[0] > 0; turns[0]--) {
            int fitting = turns[0];
            if (isChat() && fitting % 2 == 0) continue;
            try {
                return Optional.of(told(id, () -> asked.apply(fitting)));
            } catch (ServerRefusal e) {
                // Refused for its length: with a turn less it may fit.
            }
        }
        return Optional.empty();
    }

    /** An answer's supplier, whose faults are told with the request's name. */
    private interface Asking<A> {
        A answer();
    }

    private <A> A told(String id, Asking<A> asked) {
        try {
            return asked.answer();
        } catch (ServerRefusal e) {
            if (e.isOfLength()) throw e;
            boolean noSuchPath = e.status() == 404 || e.status() == 405;
            throw BadInput.of(id + ": the teacher's server " + endpoint.address() + " " + e.told(), noSuchPath
                    ? isChat()
                            ? "use the prompt form `continuation`, or see that the address ends in /v1"
                            : "use the prompt form `chat`, or see that the address ends in /v1"
                    : "see what it says, and change the settings or the server");
        } catch (BadAnswer e) {
            throw BadInput.of(id + ": the teacher's server " + endpoint.address() + " " + e.getMessage(),
                    "look at the server; what is done is kept, and the same command goes on from there");
        }
    }

    // ---- judgement

    @Override
    public void judge(Iterator<JudgementRequest> requests, Consumer<Judgement> done) {
        Likelihoods way = likelihoods.found().orElseThrow(() -> new UnsupportedOperationException(
                name() + " tells no likelihoods"));
        work.run(window(), requests, request -> judged(request, way), done);
    }

    private Judgement judged(JudgementRequest request, Likelihoods way) {
        Context context = request.context().latest(settings.history());
        RemotePrompt prompt = new RemotePrompt(settings.prompt());
        List<Optional<Judgement.Opinion>> opinions = new ArrayList<>();
        for (String candidate : request.candidates()) {
            String text = prompt.reply(candidate);
            int[] turns = {context.turns().size()};
            Optional<double[]> given = fitted(request.id(), turns,
                    fitting -> nats(way, prompt.text(context.latest(fitting)), text));
            Optional<double[]> alone = given.filter(nats -> nats.length > 0)
                    .flatMap(_ -> fitted(request.id(), new int[]{1}, _ -> nats(way, prompt.unconditional(), text)))
                    .filter(nats -> nats.length > 0);
            if (given.isPresent() && alone.isEmpty()) unreadable.incrementAndGet();
            opinions.add(alone.map(nats -> opinion(given.get(), nats)));
        }
        return new Judgement(request, opinions);
    }

    /** The log-probabilities of a text; none if the server cannot tell it apart from its prompt. */
    private static double[] nats(Likelihoods way, String prompt, String text) {
        try {
            return way.of(prompt, text);
        } catch (Likelihoods.Unreadable e) {
            return new double[0];
        }
    }

    private static Judgement.Opinion opinion(double[] given, double[] alone) {
        double conditional = 0, unconditional = 0;
        for (double nats : given) conditional += nats;
        for (double nats : alone) unconditional += nats;
        return new Judgement.Opinion(conditional / given.length, (conditional - unconditional) / given.length,
                given.length);
    }

    @Override
    public void close() {
        work.close();
        endpoint.close();
    }
}
