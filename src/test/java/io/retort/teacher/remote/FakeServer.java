package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server on this machine that answers as one of the kinds does, in the forms of its JSON, with a model of its own: a
 * token is a word with the space before it, a mark or a line's end, and how likely it is depends on the one before. Faults
 * can be laid in the way of its answers.
 */
public final class FakeServer implements AutoCloseable {
    static {
        // Or each answer waits for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** How the server behaves. */
    public enum Form {
        VLLM, SGLANG, TGI, LLAMA_CPP, LLAMA_CPP_PYTHON, ECHO, WITHOUT
    }

    /** What happens instead of an answer. */
    interface Fault {
        void at(HttpExchange exchange, byte[] answer) throws IOException;
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TOKEN = Pattern.compile(" ?[\\p{L}']+|\\n|.", Pattern.DOTALL);
    private static final List<String> WORDS = List.of(" yes", " no", " tea", " rain", " never", " we", " they", " sing",
            " today", " again", " why", " maybe", " green", " boats", " sleep", " run", " bread", " five");
    private static final int BEGIN = 1;

    private final Form form;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, String> texts = new ConcurrentHashMap<>();
    final ConcurrentLinkedQueue<Fault> faults = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<String> authorizations = new ConcurrentLinkedQueue<>();
    final AtomicInteger requests = new AtomicInteger(), most = new AtomicInteger();
    private final AtomicInteger now = new AtomicInteger();
    volatile int delay;
    volatile int longest = Integer.MAX_VALUE;
    volatile String root = "weights-1";
    /** Changes answers of likelihoods, after the probe. */
    volatile UnaryOperator<JsonNode> change = UnaryOperator.identity();
    /** Faults of requests by their body, which come before {@link #faults}. */
    volatile Function<JsonNode, Fault> faultOf = _ -> null;

    public FakeServer(Form form) throws IOException {
        this.form = form;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    // ---- the model

    static List<String> tokens(String text) {
        List<String> tokens = new ArrayList<>();
        Matcher token = TOKEN.matcher(text);
        while (token.find()) tokens.add(token.group());
        return tokens;
    }

    private static double logit(String before, String token) {
        return new Random((before + "|" + token).hashCode() * 31L).nextDouble() * 3;
    }

    /** log P of a token after another; less than 0, since the logits of all words are added up. */
    static double nats(String before, String token) {
        double sum = 0;
        for (String word : WORDS) sum += Math.exp(logit(before, word));
        return logit(before, token) - Math.log(sum + Math.exp(3));
    }

    /** What the model says of a text after a prompt, a token. */
    static double[] nats(List<String> prompt, List<String> text) {
        double[] nats = new double[text.size()];
        String before = prompt.isEmpty() ? "" : prompt.getLast();
        for (int i = 0; i < nats.length; i++) {
            nats[i] = nats(before, text.get(i));
            before = text.get(i);
        }
        return nats;
    }

    private static String likeliest(String before) {
        return WORDS.stream().max((a, b) -> Double.compare(logit(before, a), logit(before, b))).orElseThrow();
    }

    private static String reply(String prompt, long seed) {
        Random draws = new Random(prompt.hashCode() * 7919L + seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 4; i++) text.append(WORDS.get(draws.nextInt(WORDS.size())));
        return text + ".";
    }

    private int id(String token) {
        return ids.computeIfAbsent(token, text -> {
            int id = 100 + ids.size();
            texts.put(id, text);
            return id;
        });
    }

    private synchronized List<Integer> ids(String text, boolean begins) {
        List<Integer> list = new ArrayList<>();
        if (begins) list.add(BEGIN);
        for (String token : tokens(text)) list.add(id(token));
        return list;
    }

    private List<String> texts(JsonNode list) {
        List<String> told = new ArrayList<>();
        for (JsonNode id : list) if (id.asInt() != BEGIN) told.add(texts.get(id.asInt()));
        return told;
    }

    // ---- the protocol

    private void handle(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        try (exchange) {
            Sending sending;
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            try {
                sending = answered(exchange);
            } finally {
                // Before the answer goes out, because its reader may ask the next thing at once.
                now.decrementAndGet();
            }
            sending.send();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How the answer goes out. */
    private interface Sending {
        void send() throws IOException;
    }

    private Sending answered(HttpExchange exchange) throws IOException, InterruptedException {
        String key = exchange.getRequestHeaders().getFirst("Authorization");
        if (key != null) authorizations.add(key);
        byte[] sent = exchange.getRequestBody().readAllBytes();
        JsonNode body = sent.length == 0 ? JSON.createObjectNode() : JSON.readTree(sent);
        if (delay > 0) Thread.sleep(delay);
        String path = exchange.getRequestURI().getPath();
        int status = 200;
        Object answer;
        try {
            answer = answer(path, body);
        } catch (Refusal e) {
            status = e.status;
            answer = Map.of("error", Map.of("message", e.getMessage()));
        }
        Fault laid = faultOf.apply(body);
        if (laid == null && !path.endsWith("models")) laid = faults.poll();
        return sending(exchange, status, JSON.writeValueAsBytes(answer), laid);
    }

    private static Sending sending(HttpExchange exchange, int status, byte[] answer, Fault fault) {
        return fault == null ? () -> send(exchange, status, answer) : () -> fault.at(exchange, answer);
    }

    static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int status;

        Refusal(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    private JsonNode answer(String path, JsonNode body) {
        return switch (path) {
            case "/v1/models" -> models();
            case "/v1/completions" -> completion(body);
            case "/v1/chat/completions" -> chat(body);
            case "/tokenize" -> tokenized(body);
            case "/extras/tokenize" ->
                only(Form.LLAMA_CPP_PYTHON, list("tokens", ids(body.path("input").asText(), false)));
            case "/generate" ->
                form == Form.SGLANG ? change.apply(sglang(body)) : only(Form.TGI, change.apply(tgi(body)));
            case "/completion" -> only(Form.LLAMA_CPP, change.apply(forced(body)));
            case "/info" -> only(Form.TGI, JSON.createObjectNode().put("model_id", root).put("model_sha", "abc"));
            default -> throw new Refusal(404, "Not Found");
        };
    }

    private JsonNode only(Form wanted, JsonNode answer) {
        if (form != wanted) throw new Refusal(404, "Not Found");
        return answer;
    }

    private JsonNode models() {
        ObjectNode answer = JSON.createObjectNode().put("object", "list");
        ObjectNode model = answer.putArray("data").addObject().put("id", "tiny").put("object", "model")
                .put("created", System.nanoTime()).put("root", root);
        model.put("owned_by", switch (form) {
            case VLLM -> "vllm";
            case SGLANG -> "sglang";
            case LLAMA_CPP -> "llamacpp";
            case LLAMA_CPP_PYTHON -> "me";
            default -> "somebody";
        });
        return answer;
    }

    private static ObjectNode list(String name, List<Integer> ids) {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode array = answer.putArray(name);
        ids.forEach(array::add);
        return answer;
    }

    private JsonNode tokenized(JsonNode body) {
        return switch (form) {
            case VLLM, SGLANG ->
                list("tokens", ids(body.path("prompt").asText(), body.path("add_special_tokens").asBoolean()));
            case LLAMA_CPP -> list("tokens", ids(body.path("content").asText(), body.path("add_special").asBoolean()));
            case TGI -> {
                ArrayNode answer = JSON.createArrayNode();
                for (int id : ids(body.path("inputs").asText(), true))
                    answer.addObject().put("id", id).put("text", "x");
                yield answer;
            }
            default -> throw new Refusal(404, "Not Found");
        };
    }

    private JsonNode completion(JsonNode body) {
        JsonNode prompt = body.path("prompt");
        List<String> read = prompt.isArray() ? texts(prompt) : tokens(prompt.asText());
        if (read.size() > longest)
            throw new Refusal(400, "This model's maximum context length is " + longest + " tokens");
        if (body.has("prompt_logprobs") && form == Form.VLLM) return change.apply(promptLogprobs(prompt, read));
        String written;
        if (body.path("max_tokens").asInt() == 1) {
            written = likeliest(read.getLast());
            if (body.has("logit_bias") && form == Form.LLAMA_CPP_PYTHON) {
                written = texts.get(Integer.parseInt(body.path("logit_bias").fieldNames().next()));
            }
        } else {
            written = reply(prompt.asText(), body.path("seed").asLong());
        }
        ObjectNode answer = JSON.createObjectNode().put("object", "text_completion");
        boolean echoes = body.path("echo").asBoolean() && (form == Form.ECHO || form == Form.LLAMA_CPP_PYTHON);
        ObjectNode choice = answer.putArray("choices").addObject().put("index", 0).put("finish_reason", "stop")
                .put("text", echoes ? prompt.asText() + written : written);
        answer.putObject("usage").put("prompt_tokens", read.size()).put("completion_tokens", 5);
        if (body.has("logprobs") && form != Form.WITHOUT) logprobs(choice, read, written, echoes);
        else choice.putNull("logprobs");
        return body.has("logprobs") ? change.apply(answer) : answer;
    }

    private void logprobs(ObjectNode choice, List<String> read, String written, boolean echoes) {
        ObjectNode told = choice.putObject("logprobs");
        ArrayNode tokens = told.putArray("tokens"), values = told.putArray("token_logprobs"),
                offsets = told.putArray("text_offset");
        List<String> all = new ArrayList<>(read);
        all.add(written);
        // The real one, of a model without a first token, tells the value of each token after itself.
        int shift = form == Form.LLAMA_CPP_PYTHON && echoes ? 0 : 1;
        int offset = 0;
        for (int i = 0; i < all.size(); i++) {
            if (echoes || i == read.size()) {
                tokens.add(all.get(i));
                offsets.add(offset);
                if (i == 0) values.addNull();
                else values.add(nats(all.get(i - shift), all.get(i)));
            }
            offset += all.get(i).codePointCount(0, all.get(i).length());
        }
    }

    private JsonNode promptLogprobs(JsonNode ids, List<String> read) {
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode choice = answer.putArray("choices").addObject().put("text", " x");
        ArrayNode told = choice.putArray("prompt_logprobs");
        for (int i = 0; i < ids.size(); i++) {
            int word = i - (ids.size() - read.size());
            if (word < 1) told.addNull();
            else
                told.addObject().putObject(ids.get(i).asText()).put("logprob", nats(read.get(word - 1), read.get(word)))
                        .put("rank", 1).put("decoded_token", read.get(word));
        }
        answer.putObject("usage").put("prompt_tokens", ids.size()).put("completion_tokens", 1);
        return answer;
    }

    private JsonNode sglang(JsonNode body) {
        JsonNode ids = body.path("input_ids");
        List<String> read = texts(ids);
        ObjectNode answer = JSON.createObjectNode().put("text", " x");
        ArrayNode told = answer.putObject("meta_info").putArray("input_token_logprobs");
        int from = body.path("logprob_start_len").asInt();
        for (int i = from; i < ids.size(); i++) {
            int word = i - (ids.size() - read.size());
            ArrayNode entry = told.addArray();
            if (i == from || word < 1) entry.addNull();
            else entry.add(nats(read.get(word - 1), read.get(word)));
            entry.add(ids.get(i)).addNull();
        }
        return answer;
    }

    private JsonNode tgi(JsonNode body) {
        String text = body.path("inputs").asText();
        List<Integer> all = ids(text, true);
        List<String> read = tokens(text);
        ObjectNode answer = JSON.createObjectNode().put("generated_text", " x");
        ArrayNode told = answer.putObject("details").putArray("prefill");
        for (int i = 0; i < all.size(); i++) {
            ObjectNode entry = told.addObject().put("id", all.get(i)).put("text", "x");
            if (i < 2) entry.putNull("logprob");
            else entry.put("logprob", nats(read.get(i - 2), read.get(i - 1)));
        }
        return answer;
    }

    private JsonNode forced(JsonNode body) {
        List<String> read = texts(body.path("prompt"));
        int id = body.path("logit_bias").path(0).path(0).asInt();
        ObjectNode answer = JSON.createObjectNode().put("content", texts.get(id));
        answer.putArray("completion_probabilities").addObject().put("id", id).put("token", texts.get(id))
                .put("logprob", nats(read.getLast(), texts.get(id)));
        return answer;
    }

    private JsonNode chat(JsonNode body) {
        StringBuilder said = new StringBuilder();
        body.path("messages").forEach(message -> said.append(message.path("role").asText().charAt(0)).append(':')
                .append(message.path("content").asText()).append('\n'));
        ObjectNode answer = JSON.createObjectNode().put("object", "chat.completion");
        answer.putArray("choices").addObject().put("finish_reason", "stop").putObject("message")
                .put("role", "assistant")
                .put("content", reply(said.toString(), body.path("seed").asLong()));
        answer.putObject("usage").put("prompt_tokens", 9).put("completion_tokens", 5);
        return answer;
    }
}
