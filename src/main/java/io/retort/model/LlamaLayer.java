package io.retort.model;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import io.retort.graph.RotaryPositions;

/**
 * A layer of Llama (Touvron et al. 2023), with the parameter names of LlamaForCausalLM.
 *
 * @param adapters of all its matrices; null for none
 */
record LlamaLayer(Graph graph, DecoderConfig config, String name, RotaryPositions positions, LowRank adapters)
        implements
            DecoderLayer {
    LlamaLayer(Graph graph, DecoderConfig config, int layer, RotaryPositions positions, LowRank adapters) {
        this(graph, config, "model.layers." + layer + ".", positions, adapters);
    }

    @Override
    public Node attentionNorm(Node x) {
        return Layers.rmsNorm(graph, name + "input_layernorm", x, config.dim(), config.normEpsilon());
    }

    @Override
    public Node query(Node x) {
        Node query = projection("self_attn.q_proj", x, config.dim(), config.heads() * config.headDim());
        return graph.reshape(positions.apply(query, config.heads()), Graph.ANY, config.heads() * config.headDim());
    }

    @Override
    public Node key(Node x) {
        Node key = projection("self_attn.k_proj", x, config.dim(), config.keyValueDim());
        return graph.reshape(positions.apply(key, config.keyValueHeads()), Graph.ANY, config.keyValueDim());
    }

    @Override
    public Node value(Node x) {
        return projection("self_attn.v_proj", x, config.dim(), config.keyValueDim());
    }

    @Override
    public Node output(Node mixed) {
        return projection("self_attn.o_proj", mixed, config.heads() * config.headDim(), config.dim());
    }

    @Override
    public Node feedForwardNorm(Node x) {
        return Layers.rmsNorm(graph, name + "post_attention_layernorm", x, config.dim(), config.normEpsilon());
    }

    /** SwiGLU (Shazeer 2020). */
    @Override
    public Node feedForward(Node x) {
        Node gate = Layers.silu(graph, projection("mlp.gate_proj", x, config.dim(), config.feedForward()));
        Node up = projection("mlp.up_proj", x, config.dim(), config.feedForward());
        return projection("mlp.down_proj", graph.multiply(gate, up), config.feedForward(), config.dim());
    }

    private Node projection(String part, Node x, int in, int out) {
        return adapters == null
                ? Layers.projection(graph, name + part, x, in, out)
                : adapters.projection(graph, name + part, x, in, out);
    }
}
