package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;

/**
 * How words are chosen, as a server is told. Servers that sample by more than they are told, such as by the model's own
 * settings, are told that there is nothing more.
 *
 * @param server that is told
 * @param isChat whether it is asked in messages, which end by themselves
 */
record RemoteSampling(ServerFacts server, boolean isChat) {
    /**
     * The part of a request that is the same for all contexts.
     *
     * @throws BadInput if the server does not know how to keep to it
     */
    ObjectNode of(Decoding decoding, Constraints constraints) {
        ServerKind kind = server.kind();
        ObjectNode body = Endpoint.object().put("model", server.model()).put("max_tokens", constraints.maxTokens());
        switch (decoding) {
            case Decoding.Greedy _ -> body.put("temperature", 0);
            case Decoding.Beam _ ->
                throw BadInput.of("a teacher behind HTTP searches with no beam", "sample, or greedy");
            case Decoding.Sampling sampling -> {
                body.put("temperature", sampling.temperature()).put("top_p", sampling.topP());
                if (kind.isLlama()) body.put("top_k", sampling.topK()).put("min_p", 0);
                else if (kind.isLarge()) body.put("top_k", sampling.topK() == 0 ? -1 : sampling.topK()).put("min_p", 0);
                else if (sampling.topK() > 0) throw unknown("the likeliest tokens alone (top-k)");
            }
        }
        if (!isChat) body.putArray("stop").add("\n");
        if (constraints.minTokens() > 0) {
            if (kind != ServerKind.LLAMA_CPP_PYTHON && !kind.isLarge()) throw unknown("a least number of tokens");
            body.put("min_tokens", constraints.minTokens());
        }
        if (kind.isLlama()) body.put("repeat_penalty", constraints.repetitionPenalty());
        else if (kind.isLarge()) body.put("repetition_penalty", constraints.repetitionPenalty());
        else if (constraints.repetitionPenalty() != 1) throw unknown("a penalty of repetitions");
        if (!constraints.ngramBlocks().isEmpty()) throw unknown("n-grams that are not said twice");
        return body;
    }

    private BadInput unknown(String what) {
        return BadInput.of(server.kind().label() + " does not know " + what,
                "leave it out, or take a teacher in a file");
    }
}
