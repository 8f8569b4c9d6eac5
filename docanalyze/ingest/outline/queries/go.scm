(function_declaration
  name: (identifier) @name
  body: (block)? @body) @definition.function

(method_declaration
  name: (field_identifier) @name
  body: (block)? @body) @definition.method

(type_spec
  name: (type_identifier) @name
  type: (struct_type (field_declaration_list) @body)) @definition.struct

(type_spec
  name: (type_identifier) @name
  type: (interface_type "{" @body)) @definition.interface

(type_spec name: (type_identifier) @name) @definition.type
(type_alias name: (type_identifier) @name) @definition.type

(source_file
  (const_declaration
    (const_spec name: (identifier) @name) @definition.constant))

(source_file
  (var_declaration
    (var_spec name: (identifier) @name) @definition.value))

(source_file
  (var_declaration
    (var_spec_list
      (var_spec name: (identifier) @name) @definition.value)))

(type_declaration . [(type_spec) (type_alias)] @inner .) @whole
(const_declaration . (const_spec) @inner .) @whole
(var_declaration . (var_spec) @inner .) @whole

(field_declaration_list (field_declaration) @member)
(interface_type [(type_elem) (method_elem)] @member)

(import_spec path: (_) @module) @import

(source_file
  (function_declaration name: (identifier) @main_name) @main
  (#eq? @main_name "main"))

[
  (if_statement)
  (for_statement)
  (expression_case)
  (type_case)
  (communication_case)
  (binary_expression operator: ["&&" "||"])
] @branch

(call_expression function: (identifier) @reference)
(selector_expression field: (field_identifier) @reference)
(type_identifier) @reference
