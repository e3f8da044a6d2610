/**
 * Chat templates: the interpreter of the Jinja that models bring, with text that remembers who said it. May import what
 * its room {@code text} may, and {@code text}. {@link io.retort.text.template.ChatTemplate} is the way in.
 */
package io.retort.text.template;
