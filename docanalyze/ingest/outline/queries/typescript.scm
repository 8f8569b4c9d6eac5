; inherits ecma

(abstract_class_declaration
  name: (type_identifier) @name
  body: (class_body) @body) @definition.class

(interface_declaration
  name: (type_identifier) @name
  body: (_) @body) @definition.interface

(enum_declaration
  name: (identifier) @name
  body: (_) @body) @definition.enum

(type_alias_declaration
  name: (type_identifier) @name) @definition.type

(internal_module
  name: (_) @name
  body: (_) @body) @definition.namespace

(module
  name: (_) @name
  body: (_) @body) @definition.namespace

(function_signature
  name: (identifier) @name) @definition.function

(abstract_method_signature
  name: (_) @name) @definition.method

(class_body
  (method_signature
    name: (_) @name) @definition.method)

(public_field_definition
  name: (property_identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.method

(program
  (ambient_declaration
    (lexical_declaration
      (variable_declarator name: (identifier) @name)) @definition.value))

(program
  (export_statement
    declaration: (ambient_declaration
      (lexical_declaration
        (variable_declarator name: (identifier) @name)) @definition.value)))

(ambient_declaration (_) @inner) @whole

(class_body (public_field_definition) @member)
(interface_body [
  (property_signature)
  (method_signature)
  (call_signature)
  (construct_signature)
  (index_signature)
] @member)
(enum_body [
  (enum_assignment)
  (property_identifier)
  (string)
] @member)

(import_statement
  (import_require_clause
    source: (string) @module)) @import

(extends_clause value: (identifier) @reference)
(type_identifier) @reference
