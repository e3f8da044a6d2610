package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Finds a server's way to likelihoods. A short text is scored by each way that the kind of server may have; a way counts
 * if it tells as many values as tokens, all of them finite, and gives the token that the server itself would write the
 * log-probability with which it writes it. The last tells values that stand one place too early, or that are those after
 * a bias, from true ones.
 *
 * @param found   the way; empty if there is none
 * @param checked whether the server told the log-probability of what it writes, to compare
 * @param reasons why other ways do not count
 */
record LikelihoodProbe(Optional<Likelihoods> found, boolean checked, List<String> reasons) {
    private static final String PROMPT = "A: Hello, how are you today?\nB:", TEXT = " I am fine, thank you.\n";
    /** What batches and caches of quantised models may change. */
    private static final double TOLERANCE = 0.1;

    /** A token that a server writes of itself. */
    private record Written(String text, OptionalDouble nats) {
    }

    static LikelihoodProbe of(Endpoint endpoint, ServerFacts server) {
        String model = server.model();
        List<Likelihoods> ways = switch (server.kind()) {
            case VLLM -> List.of(new PromptLikelihoods(endpoint, model), new EchoedLikelihoods(endpoint, model));
            case SGLANG -> List.of(new SglangLikelihoods(endpoint, model));
            case TGI -> List.of(new TgiLikelihoods(endpoint));
            case LLAMA_CPP -> List.of(new ForcedIds(endpoint));
            case LLAMA_CPP_PYTHON -> List.of(new EchoedLikelihoods(endpoint, model), new ForcedText(endpoint, model));
            case OTHER -> List.of(new EchoedLikelihoods(endpoint, model));
        };
        List<String> reasons = new ArrayList<>();
        Written written = null;
        for (Likelihoods way : ways) {
            try {
                if (way.of(PROMPT, TEXT).length == 0) throw BadAnswer.lasting("told no log-probabilities");
                if (written == null) written = written(endpoint, model);
                boolean checked = agrees(way, written);
                return new LikelihoodProbe(Optional.of(way), checked, List.copyOf(reasons));
            } catch (ServerRefusal e) {
                reasons.add(way.name() + ": it " + e.told());
            } catch (BadAnswer | Likelihoods.Unreadable e) {
                reasons.add(way.name() + ": it " + e.getMessage());
            } catch (TeacherUnavailable e) {
                // Some servers fail on what they do not know; one that is gone or busy is no proof of anything.
                if (!e.isFault()) throw e;
                reasons.add(way.name() + ": it answers with faults");
            }
        }
        return new LikelihoodProbe(Optional.empty(), false, List.copyOf(reasons));
    }

    private static Written written(Endpoint endpoint, String model) {
        ObjectNode body = Endpoint.object().put("model", model).put("prompt", PROMPT).put("max_tokens", 1)
                .put("temperature", 0).put("logprobs", 1);
        try {
            JsonNode choice = Likelihoods.choice(endpoint.post(endpoint.v1("completions"), body));
            JsonNode told = choice.path("logprobs");
            JsonNode value = told.path("token_logprobs").path(0);
            if (value.isMissingNode()) value = told.path("content").path(0).path("logprob");
            return new Written(choice.path("text").asText(),
                    value.isNumber() ? OptionalDouble.of(value.doubleValue()) : OptionalDouble.empty());
        } catch (ServerRefusal | BadAnswer e) {
            return new Written("", OptionalDouble.empty());
        }
    }

    /**
     * Whether the server gives what it writes the log-probability with which it writes it; false if that cannot be
     * known.
     *
     * @throws BadAnswer if it gives it another one
     */
    private static boolean agrees(Likelihoods way, Written written) throws Likelihoods.Unreadable {
        if (written.nats.isEmpty() || written.text.isBlank()) return false;
        double[] nats = way.of(PROMPT, written.text);
        if (nats.length != 1) return false;
        double expected = written.nats.getAsDouble();
        if (Math.abs(nats[0] - expected) > TOLERANCE) {
            throw BadAnswer.lasting(String.format(Locale.ROOT,
                    "tells log P %.2f of a token that it writes itself with %.2f", nats[0], expected));
        }
        return true;
    }
}
