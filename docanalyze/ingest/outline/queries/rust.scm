(function_item
  name: (identifier) @name
  body: (block) @body) @definition.function

(function_signature_item
  name: (identifier) @name) @definition.function

(struct_item
  name: (type_identifier) @name
  body: (field_declaration_list) @body) @definition.struct

(struct_item name: (type_identifier) @name) @definition.struct

(enum_item
  name: (type_identifier) @name
  body: (_) @body) @definition.enum

(union_item
  name: (type_identifier) @name
  body: (_) @body) @definition.union

(trait_item
  name: (type_identifier) @name
  body: (_) @body) @definition.trait

(impl_item
  type: [
    (type_identifier) @name
    (generic_type type: (type_identifier) @name)
    (generic_type type: (scoped_type_identifier name: (type_identifier) @name))
    (scoped_type_identifier name: (type_identifier) @name)
    (reference_type type: (type_identifier) @name)
    (reference_type type: (primitive_type) @name)
    (reference_type type: (generic_type type: (type_identifier) @name))
    (reference_type type: (array_type element: (_) @name))
    (array_type element: (_) @name)
    (tuple_type) @name
    (dynamic_type) @name
    (pointer_type) @name
    (primitive_type) @name
  ]
  body: (_) @body) @definition.impl

(mod_item
  name: (identifier) @name
  body: (_) @body) @definition.module

(type_item name: (type_identifier) @name) @definition.type
(const_item name: (identifier) @name) @definition.constant
(static_item name: (identifier) @name) @definition.constant

(macro_definition
  name: (identifier) @name
  (macro_rule) @body) @definition.macro

(field_declaration_list (field_declaration) @member)
(enum_variant_list (enum_variant) @member)

(use_declaration
  argument: (identifier) @module) @import

(use_declaration
  argument: (scoped_identifier
    path: (_) @module
    name: (identifier) @imported)) @import

(use_declaration
  argument: (use_wildcard . (_) @module "*" @imported)) @import

(use_declaration
  argument: (use_as_clause
    path: (scoped_identifier
      path: (_) @module
      name: (identifier) @imported))) @import

(use_declaration
  argument: (use_as_clause path: (identifier) @module)) @import

(use_declaration
  argument: (scoped_use_list
    path: (_) @module
    list: (use_list [
      (identifier) @imported
      (self) @imported
      (scoped_identifier name: (identifier) @imported)
      (use_as_clause path: (identifier) @imported)
      (scoped_use_list list: (use_list (identifier) @imported))
      (use_wildcard "*" @imported)
    ]))) @import

(extern_crate_declaration name: (identifier) @module) @import
(mod_item name: (identifier) @module !body) @import

(source_file
  (function_item name: (identifier) @main_name) @main
  (#eq? @main_name "main"))

[
  (if_expression)
  (for_expression)
  (while_expression)
  (loop_expression)
  (match_arm)
  (try_expression)
  (binary_expression operator: ["&&" "||"])
] @branch

(call_expression function: (identifier) @reference)
(call_expression function: (scoped_identifier name: (identifier) @reference))
(call_expression function: (generic_function function: (identifier) @reference))
(scoped_identifier path: (identifier) @reference)
(field_expression field: (field_identifier) @reference)
(macro_invocation macro: (identifier) @reference)
(use_declaration (scoped_identifier name: (identifier) @reference))
(use_list (identifier) @reference)
(use_as_clause path: (identifier) @reference)
(type_identifier) @reference
