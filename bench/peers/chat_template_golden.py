"""Makes chat_template_golden.json of the tests: prompts that transformers' own Jinja environment renders.

    PEERS/bin/python bench/peers/chat_template_golden.py > src/test/resources/io/retort/text/template/chat_template_golden.json

The templates have the forms that well-known models use, written anew. `--gguf FILE` prints the same for the template of a GGUF file:

    PEERS/bin/python bench/peers/chat_template_golden.py --gguf ../shared/weights/smollm2-135m-instruct-q4_1.gguf \\
        > src/test/resources/io/retort/text/template/smollm2_chat_template_golden.json

(SmolLM2-Instruct by Hugging Face, Apache-2.0.) `--snippets` prints small templates with what each writes of one chat, or that it fails:

    PEERS/bin/python bench/peers/chat_template_golden.py --snippets > src/test/resources/io/retort/text/template/chat_template_snippets.json
"""

import argparse
import json
import pathlib
import re
import sys

from transformers.utils.chat_template_utils import _compile_jinja_template

TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
TEMPLATES = {
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "chatml with a default": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nBe brief.<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "headers": "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
    "newer headers": """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not date_string is defined %}
    {%- set date_string = "1 Jan 2025" %}
{%- endif %}
{#- The system message first. -#}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Today: " + date_string + "\\n\\n" }}
{%- if tools is not none %}
    {{- tools | tojson(indent=4) }}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("One call at a time!") }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "lines": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>
'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "with tools": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are helpful.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "alternating": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate!') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    "turns": "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}",
    "namespace": """{%- set ns = namespace(found=false, last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if not ns.found and message.role == "user" and not(message.content.startswith('<tool>') and message.content.endswith('</tool>')) %}
        {%- set ns.found = true %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if '</think>' in content %}
        {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {{- '[' ~ loop.index ~ '/' ~ ns.last ~ '] ' + message.role + ': ' + content.rstrip() + ('!' if loop.last else '.') + '\\n' }}
{%- endfor %}
""",
    "odd spaces": "  {% if true %}  x\n  {%+ if 1 == 1 %} y {% endif +%}\n z {#- gone -#}\n  w {{- ' v ' -}}\n\n u\n   {% endif %}\n\t{# c #}\n  end  \n\n",
    "small things": """{{ 1 + 2 * 3 - 7 // 2 % 3 }}|{{ -1 }}|{{ true }}|{{ none }}|{{ nothing }}|{{ 'a' 'b' }}|{{ "it's" }}|{{ 'it\\'s \\\\ \\d' }}|{{ 'a' in ['a', 'b'] }}|{{ 'c' not in ('a', 'b') }}|{{ nothing is defined }}|{{ 'x' is not none }}|{{ messages | length }}|{{ messages[-1].role }}|{{ (messages | first).role | upper }}|{{ nothing | default('d') }}|{{ 'a' if nothing else 'b' }}|{{ 'a' if nothing }}|{{ not nothing and 1 < 2 or false }}|{{ 'user' == messages[0].role }}{% set x = 1 %}{% for m in messages %}{% set x = 2 %}{% endfor %}{{ x }}{% if x == 2 %}a{% elif x == 1 %}b{% else %}c{% endif %}""",
}
TEMPLATES |= {
    "macros and loops": """{%- macro head(role, end="|>") -%}{{ "<|" ~ role ~ end }}{%- endmacro -%}
{%- macro tagged(name) -%}<{{ name }}>{{ caller() }}</{{ name }}>{%- endmacro -%}
{%- set ns = namespace(seen=[], n=0) -%}
{%- for message in messages if message.role != "system" -%}
    {%- set ns.n = ns.n + 1 -%}
    {%- if message.content | trim | length == 0 %}{% continue %}{% endif -%}
    {{- head(message.role) }}{{ head("x", end=">") }}
    {%- call tagged("said") %}{{ message.content.strip() }}{% endcall %}
    {%- if loop.index > 2 %}{{ "..." }}{% break %}{% endif -%}
{%- else -%}
    nobody
{%- endfor -%}
{{ ns.n }}
{%- for key, value in messages[0].items() %} {{ key }}={{ value | tojson }}{{ "," if not loop.last }}{% endfor -%}
""",
    "generation": """{% for message in messages %}{% if message.role == 'assistant' %}{{ '<|assistant|>\n' }}{% generation %}{{ message.content }}{{ eos_token }}{% endgeneration %}
{% else %}{{ '<|' + message.role + '|>\n' + message.content + '\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}""",
    "reasoning with tools": """{%- if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}
{%- set ns = namespace(is_first=false, is_tool=false, system_prompt='') %}
{%- for message in messages %}{%- if message['role'] == 'system' %}{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}
{{- bos_token }}{{ ns.system_prompt }}
{%- if tools is iterable and tools | length > 0 %}{% for t in tools %}{{ t.function | tojson(indent=2) }}{% endfor %}{% endif %}
{%- for message in messages %}
    {%- if message['role'] == 'user' %}
        {%- set ns.is_tool = false %}
        {{- '<|User|>' + message['content'] }}
    {%- endif %}
    {%- if message['role'] == 'assistant' and message['tool_calls'] is defined and message['tool_calls'] is not none %}
        {%- for tool in message['tool_calls'] %}
            {{- tool['type'] + '\n' + '```json' + tool['function']['arguments'] }}
        {%- endfor %}
    {%- elif message['role'] == 'assistant' %}
        {%- set content = message['content'] %}
        {%- if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}
        {{- '<|Assistant|>' + content + eos_token }}
    {%- endif %}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<|Assistant|>' }}{% endif %}""",
    "selections": """{%- set users = messages | selectattr('role', 'equalto', 'user') | list -%}
{{ users | length }}|{{ messages | map(attribute='role') | join(',') }}|{{ messages | rejectattr('role', 'in', ['user', 'system']) | map(attribute='content') | map('trim') | list | length }}|
{%- set text -%}
{% for m in messages %}{{ m.content }}
{% endfor %}
{%- endset -%}
{{ text | trim | indent(2) }}|{{ (messages | last).content[:3] }}|{{ messages[-1].content | replace('t', 'T') | upper }}|{{ messages[0].content.title() }}
{%- filter lower %} {{ messages[0].role | capitalize }} {% endfilter -%}
{{ messages[0] | tojson(indent=1) }}""",
}
SNIPPETS = r"""
{{ 1 < 2 < 3 }}{{ 3 > 2 > 2 }}{{ 1 == 1.0 }}{{ true == 1 }}{{ 'a' < 'b' }}{{ 2 ** 3 ** 2 }}{{ -2 ** 2 }}
{{ 7 / 2 }}|{{ 4 / 2 }}|{{ 7 // 2 }}|{{ -7 // 2 }}|{{ -7 % 3 }}|{{ 7.5 // 2 }}|{{ 1e3 }}|{{ 1.5 + 1 }}|{{ 2 ** -1 }}|{{ 0.1 + 0.2 }}|{{ 1e20 }}|{{ 1e-7 }}|{{ 1_000 }}
{{ [1, 2, 3][::2] }}{{ [1, 2, 3][::-1] }}{{ 'abcdef'[1:-1] }}{{ 'abcdef'[::-2] }}{{ 'abcdef'[4:1:-1] }}{{ [1, 2, 3][:none] }}{{ 'abc'[-2:] }}{{ (1, 2, 3)[1:] }}{{ 'abc'[0] }}{{ 'abc'[-1] }}{{ 'abc'[9] }}
{{ {'a': 1, 'b': [true, none, 'x']} }}|{{ {'a': {'b': 1}}.a.b }}|{{ {'a': 1}['a'] }}|{{ {'a': 1}.get('z', 2) }}|{{ {} }}|{{ (1,) }}|{{ [] }}|{{ ['it\'s', "q\"", '\\', 'é\n', '\x07', '\u200b'] }}
{{ {'b': 1, 'a': 'é<>&\'"\n\x01'} | tojson }}{{ [1, [2, {}], []] | tojson(indent=2) }}{{ {'b': 1, 'a': 2} | tojson(sort_keys=true) }}{{ 'é\U0001f642' | tojson(ensure_ascii=true) }}{{ 1.5 | tojson }}{{ none | tojson }}{{ 'x' | tojson(indent=4) }}
{{ nothing | tojson }}
{{ messages | tojson }}
{{ messages }}
{% for a, b in [[1, 2], (3, 4)] %}{{ a }}-{{ b }};{% endfor %}{% for k, v in {'x': 1, 'y': 2}.items() %}{{ k }}{{ v }}{% endfor %}{% for k in {'x': 1} %}{{ k }}{% endfor %}{% for c in 'abc' %}{{ c }}.{% endfor %}
{% for a in [] %}x{% else %}none{% endfor %}{% for a in nothing %}x{% else %}undefined{% endfor %}{% for a in [1, 2] %}{{ a }}{% else %}y{% endfor %}
{% for i in range(5) if i is odd %}{{ i }}:{{ loop.index }}/{{ loop.length }} {% endfor %}{{ range(3) | list }}{{ range(5, 0, -2) | list }}
{% for i in [1, 2, 3, 4] %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for i in [1, 1, 2] %}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.cycle('a', 'b') }}{{ loop.changed(i) }}{{ loop.previtem }}{{ loop.nextitem }} {% endfor %}
{% for i in [1, 2] %}{% for j in [1, 2, 3] %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }}{% endfor %}|{% endfor %}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t = 1, 2 %}{{ t }}{% set (c, d) = [3, 4] %}{{ c }}{{ d }}
{% set x %}  a {{ 1 }} {% endset %}[{{ x }}]{% set y | upper | trim %} b {% endset %}[{{ y }}]
{% with a = 1, b = 2 %}{{ a + b }}{% set a = 5 %}{% endwith %}{{ a is defined }}
{% filter upper %}a{{ 'b' }}{% endfilter %}{% filter replace('a', 'b') | upper %}aa{% endfilter %}
{% macro f(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }};{% endmacro %}{{ f(1) }}{{ f(1, c='y') }}{{ f(1, 3) }}{{ f() }}{{ f(1) | upper | length }}
{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}
{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}
{% macro f() %}[{{ caller() }}]{% endmacro %}{% call f() %}x{% endcall %}{% macro g() %}{{ caller('y') }}{% endmacro %}{% call(v) g() %}{{ v }}{% endcall %}
{% macro f() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ f() }}
{% set ns = namespace(a=1, b='x') %}{% set ns.a = ns.a + 1 %}{{ ns.a }}{{ ns.b }}{{ ns.c }}{{ ns.c is defined }}
{% set ns = namespace({'a': 1}) %}{{ ns.a }}{{ dict(a=1, b=2) }}{{ dict({'a': 1}, b=3).b }}
{% raw %}{{ a }} {% b %}{% endraw %}|{%- raw -%}  {{ x }}  {%- endraw -%}  |
{{ 'a' ~ 1 ~ none ~ true ~ nothing }}{{ 'ab' * 2 }}{{ [1] + [2] }}{{ [1] * 2 }}
{{ ' a b '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xa'.lstrip('x') }}|{{ 'ax'.rstrip('x') }}|{{ 'a,b,c'.split(',') }}|{{ 'a,b,c'.split(',', 1) }}|{{ 'a,b,c'.rsplit(',', 1) }}|{{ ' a  b '.split() }}|{{ 'a\nb\r\nc'.splitlines() }}
{{ 'abc'.startswith('a') }}{{ 'abc'.startswith(('x', 'ab')) }}{{ 'abc'.endswith('c') }}{{ 'abc'.find('c') }}{{ 'abc'.find('z') }}{{ 'abcb'.rfind('b') }}{{ 'abab'.count('ab') }}{{ 'a-b'.replace('-', '+') }}{{ 'aaa'.replace('a', 'b', 2) }}
{{ 'hello world'.title() }}{{ 'hELLO'.capitalize() }}{{ 'aB'.upper() }}{{ 'aB'.lower() }}{{ '12'.isdigit() }}{{ 'ab'.isalpha() }}{{ 'a1'.isalnum() }}{{ ' '.isspace() }}{{ 'AB'.isupper() }}{{ 'ab'.islower() }}{{ '-'.join(['a', 'b']) }}{{ 'unhappy'.removeprefix('un') }}{{ 'a.py'.removesuffix('.py') }}
{{ 'hello world' | title }}|{{ 'hELLO x' | capitalize }}|{{ 1 | string + 'x' }}|{{ ' a ' | trim }}|{{ 'xax' | trim('x') }}|{{ 'a' | upper }}|{{ 'abc' | length }}|{{ 'abc' | first }}|{{ 'abc' | last }}|{{ 'abc' | reverse }}|{{ 'abc' | list }}|{{ 5 | upper }}|{{ none | trim }}
{{ nothing | default('d') }}|{{ '' | default('d') }}|{{ '' | default('d', true) }}|{{ none | default('d', boolean=true) }}|{{ nothing | d('e') }}|{{ nothing | default }}|{{ nothing | length }}|{{ nothing | upper }}|
{{ [3, 1, 2] | sort }}{{ ['b', 'A'] | sort }}{{ ['b', 'A'] | sort(case_sensitive=true) }}{{ [3, 1, 2] | sort(reverse=true) }}{{ [1, 2, 1] | unique | list }}{{ [1, 2] | sum }}{{ [1, 2] | min }}{{ [1, 2] | max }}{{ [1, 2] | reverse | list }}{{ {'b': 1, 'a': 2} | dictsort }}
{{ [1, 2, 3] | join }}|{{ [1, 2, 3] | join('-') }}|{{ [{'a': 1}, {'a': 2}] | join(',', attribute='a') }}|{{ [{'a': {'b': 1}}] | map(attribute='a.b') | list }}|{{ ['a', 'b'] | map('upper') | join }}|{{ [{'a': 1}, {}] | map(attribute='a', default=0) | list }}
{{ [0, 1, none, 'a'] | select | list }}{{ [0, 1, 2, 3] | select('odd') | list }}{{ [0, 1, 2] | reject('equalto', 1) | list }}{{ [{'a': 1}, {'a': 0}] | selectattr('a') | list }}{{ [{'a': 1}, {'a': 0}] | rejectattr('a', 'gt', 0) | list }}
{{ '3' | int }}{{ 'x' | int }}{{ 'x' | int(7) }}{{ '2.9' | int }}{{ '2.5' | float }}{{ 3.7 | int }}{{ -3 | abs }}{{ (-3) | abs }}{{ 2.5 | round }}{{ 'a b c' | wordcount }}{{ '<a>&"' | e }}{{ {'a': 1} | items | list }}{{ {'a': 1} | length }}
{{ 'a\nb\n\nc' | indent }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\n\nb' | indent(width=1, blank=true) }}|{{ 'a\nb' | indent('>') }}
{{ 1 is number }}{{ 'a' is number }}{{ 1 is integer }}{{ 1.0 is float }}{{ true is boolean }}{{ [] is sequence }}{{ {} is mapping }}{{ 'a' is iterable }}{{ 1 is iterable }}{{ none is none }}{{ 4 is divisibleby 2 }}{{ 4 is divisibleby(3) }}{{ 1 is eq 1 }}{{ 1 is not ne(1) }}{{ 2 is gt 1 }}{{ 1 is in [1, 2] }}{{ 'A' is upper }}{{ 'a' is lower }}{{ 3 is even }}{{ namespace is callable }}{{ raise_exception is defined }}{{ nothing is undefined }}
{{ 'yes' if 1 is number and 2 is odd else 'no' }}{{ 'a' if false }}{{ 'a' if false else 'b' if false else 'c' }}{{ not true or true }}{{ 1 if 1 in [1] and 'a' not in 'bc' else 0 }}
{{ messages[0].content.name }}|{{ messages[0].nothing is defined }}|{{ 'abc'.nothing }}|{{ [1].nothing }}|{{ (1).real2 }}|{{ messages.0.role }}|{{ messages[0]['role'] }}|{{ [[1, 2]].0.1 }}
{{ nothing.name }}
{{ nothing.name.other }}
{{ nothing() }}
{{ 1 + 'a' }}
{{ 'a' + 1 }}
{{ 'a' + nothing }}
{{ 1 / 0 }}
{{ [1] < 2 }}
{{ 'a' | nofilter }}
{{ 'a'.nomethod() }}
{{ 1 is notest }}
{% if false %}{{ 'a' | nofilter }}{{ 1 is notest }}{{ nofunction() }}{{ nothing.name }}{% endif %}ok
{{ 'tab\t \x41 \u00e9 \U0001f642 \101 \q \\ \a' }}{{ "line\
joined" }}
{{ [1,2,] }}{{ {'a':1,} }}{{ (1,2,) }}{{ ((1)) }}{{ () }}
{{ 'a' 'b' "c" }}{{ [1, 2] == [1, 2] }}{{ (1, 2) == [1, 2] }}{{ {'a': 1} == {'a': 1} }}{{ none == false }}{{ nothing == none }}
{% if messages %}a{% elif x %}b{% else %}c{% endif %}{%- if x -%} d {%- elif not x -%} e {%- endif %}
{% block a %}x{{ 1 }}{% endblock %}{% block b %}y{% endblock b %}
{% set x = [1] %}{% if x and x[0] == 1 %}{{ x[0] }}{% endif %}{% for i in x %}{% set y = i %}{% endfor %}{{ y is defined }}
{% include 'other' %}
{% if false %}{% include 'other' %}{% import 'a' as b %}{% endif %}ok
{{ messages | map(attribute='content') | map('length') | list }}{{ messages | length }}{{ (messages | first).content | replace('h', '') }}{{ messages | selectattr('role', 'equalto', 'assistant') | first | default('none') }}
{{- ' a ' -}}   b   {{- 'c' }}
  {%- if true %}  d  {%- endif %}  e  {# note #}
   {# whole line #}
f {#- g -#} h
{{ '%s' }}{{ '{' ~ '}' }}{{ '}}' }}{{ "{%" }}{{ {'a': '}}'} }}
{% set date = '1' if date_string is not defined else date_string %}{{ date }}
{{ messages[0].content | list | length }}{{ messages[0].content[::-1] }}{{ messages[0].content * 2 }}{{ messages[0].content | replace('h', 'J') }}{{ [messages[0].content] | join('+') }}
{{ (1 + 2) * 3 }}{{ 1 + 2 * 3 - 4 // 2 }}{{ 10 - 2 - 3 }}{{ 'a' ~ 'b' + 'c' }}{{ +1 }}{{ --1 }}{{ 1 - -1 }}{{ 2 * -1 }}{{ -1 | abs }}{{ not 1 == 2 }}
"""
# A line each; a line that does not begin with a brace goes on with the one before.
SNIPPETS = re.split(r"\n(?=\{[{%])", SNIPPETS.strip("\n"))
CHATS = [
    [("user", "hi")],
    [("user", "hi"), ("assistant", "hello, who's there?"), ("user", "  me \n")],
    [("system", "Be nice."), ("user", "1 + 1?\n"), ("assistant", "2"), ("user", "thanks <|im_end|> </s>")],
    [("assistant", "hi"), ("user", "<think>so</think>\n\n\u00a0ok \U0001f642")],
    [("system", " s "), ("user", ""), ("assistant", "x</think>y"), ("user", "<tool>z</tool>")],
]


SNIPPET_CHAT = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "it's <b> \U0001f642"}]


def snippet(template):
    try:
        text = _compile_jinja_template(template).render(messages=SNIPPET_CHAT, tools=None, documents=None, add_generation_prompt=True, **TOKENS)
        return {"template": template, "text": text}
    except Exception as refusal:
        return {"template": template, "refusal": f"{type(refusal).__name__}: {refusal}"}


def cases(template):
    compiled = _compile_jinja_template(template)
    for chat in CHATS:
        messages = [{"role": role, "content": content} for role, content in chat]
        for add in (False, True):
            case = {"messages": messages, "add": add}
            try:
                case["text"] = compiled.render(messages=messages, tools=None, documents=None, add_generation_prompt=add, **TOKENS)
            except Exception as refusal:
                case["refusal"] = str(refusal)
            yield case


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--gguf")
    arguments.add_argument("--snippets", action="store_true")
    options = arguments.parse_args()
    if options.snippets:
        json.dump({"messages": SNIPPET_CHAT, "snippets": [snippet(template) for template in SNIPPETS]}, sys.stdout, indent=0)
        print()
        return
    templates = TEMPLATES
    if options.gguf:
        from gguf import GGUFReader

        templates = {pathlib.Path(options.gguf).stem: GGUFReader(options.gguf).fields["tokenizer.chat_template"].contents()}
    golden = [{"name": name, "template": template, "cases": list(cases(template))} for name, template in templates.items()]
    json.dump({"tokens": TOKENS, "templates": golden}, sys.stdout, indent=0)
    print()


main()
