(class_declaration
  name: (identifier) @name
  body: (_) @body) @definition.class

(interface_declaration
  name: (identifier) @name
  body: (_) @body) @definition.interface

(annotation_type_declaration
  name: (identifier) @name
  body: (_) @body) @definition.interface

(enum_declaration
  name: (identifier) @name
  body: (_) @body) @definition.enum

(record_declaration
  name: (identifier) @name
  body: (_) @body) @definition.record

(method_declaration
  name: (identifier) @name
  body: (block)? @body) @definition.method

(constructor_declaration
  name: (identifier) @name
  body: (_) @body) @definition.constructor

(compact_constructor_declaration
  name: (identifier) @name
  body: (_) @body) @definition.constructor

(class_body (field_declaration) @member)
(interface_body (constant_declaration) @member)
(enum_body_declarations (field_declaration) @member)
(enum_body (enum_constant) @member)
(annotation_type_body (annotation_type_element_declaration) @member)

(import_declaration . (_) @module .) @import
(import_declaration (_) @module (asterisk) @imported) @import

(method_declaration
  (modifiers) @modifiers
  name: (identifier) @main_name
  (#eq? @main_name "main")
  (#match? @modifiers "static")) @main

[
  (if_statement)
  (for_statement)
  (enhanced_for_statement)
  (while_statement)
  (do_statement)
  (switch_label)
  (catch_clause)
  (ternary_expression)
  (binary_expression operator: ["&&" "||"])
] @branch

(method_invocation name: (identifier) @reference)
(method_invocation object: (identifier) @reference (#match? @reference "^[A-Z]"))
(field_access object: (identifier) @reference (#match? @reference "^[A-Z]"))
(method_reference (identifier) @reference)
(annotation name: (identifier) @reference)
(marker_annotation name: (identifier) @reference)
(import_declaration (scoped_identifier name: (identifier) @reference))
(type_identifier) @reference
