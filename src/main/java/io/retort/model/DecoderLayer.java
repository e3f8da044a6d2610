package io.retort.model;

import io.retort.graph.Node;

/**
 * What a family's layer computes between the residual sums: {@code x + output(attention(norm(x)))}, then {@code x +
 * feedForward(norm(x))}. All nodes are {@code [rows, ...]}, a row being a token of some sequence.
 */
sealed interface DecoderLayer permits LlamaLayer, Gpt2Layer {
    Node attentionNorm(Node x);

    /** {@code [rows, heads * headDim]}, with its position where that is rotary. */
    Node query(Node x);

    /** {@code [rows, keyValueHeads * headDim]}, likewise. */
    Node key(Node x);

    /** {@code [rows, keyValueHeads * headDim]}. */
    Node value(Node x);

    /** Of what attention mixed, {@code [rows, heads * headDim]}. */
    Node output(Node mixed);

    Node feedForwardNorm(Node x);

    Node feedForward(Node x);
}
