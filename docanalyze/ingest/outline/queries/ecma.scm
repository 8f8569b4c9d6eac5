; What JavaScript and TypeScript have in common.

; Of what is assigned the first pattern that fits counts: a module that is taken in is no value of this file.
(lexical_declaration
  (variable_declarator
    name: (identifier) @name
    value: (call_expression function: (identifier) @function (#eq? @function "require")))) @definition.imported

(variable_declaration
  (variable_declarator
    name: (identifier) @name
    value: (call_expression function: (identifier) @function (#eq? @function "require")))) @definition.imported

(function_declaration
  name: (identifier) @name
  body: (statement_block) @body) @definition.function

(generator_function_declaration
  name: (identifier) @name
  body: (statement_block) @body) @definition.function

(class_declaration
  name: (_) @name
  body: (class_body) @body) @definition.class

(export_statement
  "default" @name
  value: [
    (function_expression body: (_) @body)
    (arrow_function body: (_) @body)
  ]) @definition.function

(export_statement
  "default" @name
  value: (class body: (_) @body)) @definition.class

(export_statement declaration: (_) @inner) @whole

(lexical_declaration
  (variable_declarator
    name: (identifier) @name
    value: [
      (arrow_function body: (_) @body)
      (function_expression body: (_) @body)
      (generator_function body: (_) @body)
    ])) @definition.function

(variable_declaration
  (variable_declarator
    name: (identifier) @name
    value: [
      (arrow_function body: (_) @body)
      (function_expression body: (_) @body)
      (generator_function body: (_) @body)
    ])) @definition.function

(lexical_declaration
  (variable_declarator
    name: (identifier) @name
    value: (class body: (_) @body))) @definition.class

(assignment_expression
  left: [
    (member_expression property: (property_identifier) @name)
    (identifier) @name
  ]
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]
  (#not-eq? @name "exports")) @definition.function

; What a module is has the name of the function, if that has one.
(assignment_expression
  left: (member_expression property: (property_identifier) @exports)
  right: (function_expression
    name: (identifier) @name
    body: (_) @body)
  (#eq? @exports "exports")) @definition.function

(assignment_expression
  left: (member_expression property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression !name body: (_) @body)
  ]
  (#eq? @name "exports")) @definition.function

(assignment_expression
  left: (member_expression property: (property_identifier) @name)
  right: (class body: (_) @body)) @definition.class

(pair
  key: (property_identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.method

(method_definition
  name: (_) @name
  body: (_) @body) @definition.method

(program
  (lexical_declaration
    (variable_declarator name: (identifier) @name)) @definition.value)

(program
  (export_statement
    declaration: (lexical_declaration
      (variable_declarator name: (identifier) @name)) @definition.value))

(program
  (variable_declaration
    (variable_declarator name: (identifier) @name)) @definition.value)

(import_statement
  source: (string) @module) @import

(import_statement
  (import_clause [
    (identifier) @imported
    (namespace_import (identifier) @imported)
    (named_imports (import_specifier name: (identifier) @imported))
  ])
  source: (string) @module) @import

(export_statement
  source: (string) @module) @import

(export_statement
  (export_clause (export_specifier name: (identifier) @imported))
  source: (string) @module) @import

(call_expression
  function: (identifier) @function
  arguments: (arguments . (string) @module .)
  (#eq? @function "require")) @import

(variable_declarator
  name: (object_pattern [
    (shorthand_property_identifier_pattern) @imported
    (pair_pattern key: (property_identifier) @imported)
  ])
  value: (call_expression
    function: (identifier) @function
    arguments: (arguments . (string) @module .)
    (#eq? @function "require")) @import)

(call_expression
  function: (import)
  arguments: (arguments . (string) @module)) @import

(program
  (if_statement
    condition: (_) @guard) @main
  (#match? @guard "require\\.main|import\\.meta\\.(main|url)"))

[
  (if_statement)
  (for_statement)
  (for_in_statement)
  (while_statement)
  (do_statement)
  (switch_case)
  (catch_clause)
  (ternary_expression)
  (binary_expression operator: ["&&" "||" "??"])
] @branch

(call_expression function: (identifier) @reference)
(member_expression property: (property_identifier) @reference)
(new_expression constructor: (identifier) @reference)
(decorator (identifier) @reference)
(shorthand_property_identifier) @reference
(import_specifier name: (identifier) @reference)
(import_clause (identifier) @reference)
(export_specifier name: (identifier) @reference)
