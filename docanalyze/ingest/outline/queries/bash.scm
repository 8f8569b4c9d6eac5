(function_definition
  name: (word) @name
  body: (_) @body) @definition.function

(program
  (variable_assignment name: (variable_name) @name) @definition.value)

(program
  (declaration_command
    (variable_assignment name: (variable_name) @name)) @definition.value)

(command
  name: (command_name) @function
  .
  argument: [(word) (string) (raw_string) (concatenation)] @module
  (#any-of? @function "source" ".")) @import

[
  (if_statement)
  (elif_clause)
  (for_statement)
  (c_style_for_statement)
  (while_statement)
  (case_item)
  (list)
  (binary_expression operator: ["&&" "||"])
] @branch

(command_name (word) @reference)
