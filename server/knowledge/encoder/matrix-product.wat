;; A product of matrices whose numbers are rounded to whole ones of 16 bits.
;;
;; `i32x4.dot_i16x8_s` takes eight products of such numbers at once and adds them in pairs. So both matrices
;; are stored in pairs along the dimension that they share, and what a step of the inner loop needs stands
;; side by side. The blocks follow each other:
;;
;;   A, in blocks of 4 rows      each pair: its two numbers of row 0, of row 1, of row 2, of row 3      16 bytes
;;                               then the step of each row, which its numbers are multiples of          16 bytes
;;   B, in blocks of 8 columns   each pair: its two numbers of column 0, of column 1 … of column 7      32 bytes
;;                               then the step of each column                                           32 bytes
;;                               then what is added to each column, its bias                            32 bytes
;;
;; Steps, biases, and all that goes in and comes out, are floating-point numbers of 32 bits. While a block of
;; B passes all of A it stays in the processor's nearest cache, and the 4 × 8 sums of one block of A stay in
;; registers. Where the last block has more rows than there are, the last row stands in it several times, and
;; is written as often.
(module
  ;; 4 GB at most: as large as it is made, and shared by all threads that multiply.
  (import "host" "memory" (memory 1 65536 shared))

  (func $leastOf (param $x i32) (param $y i32) (result i32)
    (select (local.get $x) (local.get $y) (i32.lt_u (local.get $x) (local.get $y))))

  ;; What a row is to be multiplied by so that its numbers use the whole range.
  (func $factorOf
    (param $row i32)  ;; address
    (param $end i32)  ;; of it
    (result f32)
    (local $largest v128)
    (loop $nextNumbers
      (local.set $largest (f32x4.pmax (local.get $largest) (f32x4.abs (v128.load (local.get $row)))))
      (local.set $row (i32.add (local.get $row) (i32.const 16)))
      (br_if $nextNumbers (i32.lt_u (local.get $row) (local.get $end))))
    (f32.div
      (f32.const 1023)
      ;; Zeros have a factor, too.
      (f32.max
        (f32.const 1e-30)
        (f32.max
          (f32.max (f32x4.extract_lane 0 (local.get $largest)) (f32x4.extract_lane 1 (local.get $largest)))
          (f32.max (f32x4.extract_lane 2 (local.get $largest)) (f32x4.extract_lane 3 (local.get $largest)))))))

  ;; Four numbers as whole ones, the nearest.
  (func $rounded (param $address i32) (param $factor f32) (result v128)
    (i32x4.trunc_sat_f32x4_s
      (f32x4.nearest (f32x4.mul (v128.load (local.get $address)) (f32x4.splat (local.get $factor))))))

  ;; Stores rows as A, each number as a whole one from -1023 to 1023, times the row's step.
  (func (export "round")
    (param $row0 i32)    ;; address of the first row
    (param $stride i32)  ;; bytes from there to the next one
    (param $rows i32)    ;; how many there are; at least one
    (param $width i32)   ;; numbers of a row; 4, or a multiple
    (param $a i32)       ;; address of A
    (local $last i32) (local $end i32)
    (local $row1 i32) (local $row2 i32) (local $row3 i32)
    (local $factor0 f32) (local $factor1 f32) (local $factor2 f32) (local $factor3 f32)
    (local $upper v128) (local $lower v128)

    (local.set $width (i32.shl (local.get $width) (i32.const 2)))
    (local.set $last
      (i32.add (local.get $row0) (i32.mul (local.get $stride) (i32.sub (local.get $rows) (i32.const 1)))))

    (loop $nextBlock
      (local.set $row1 (call $leastOf (i32.add (local.get $row0) (local.get $stride)) (local.get $last)))
      (local.set $row2 (call $leastOf (i32.add (local.get $row1) (local.get $stride)) (local.get $last)))
      (local.set $row3 (call $leastOf (i32.add (local.get $row2) (local.get $stride)) (local.get $last)))
      (local.set $factor0 (call $factorOf (local.get $row0) (i32.add (local.get $row0) (local.get $width))))
      (local.set $factor1 (call $factorOf (local.get $row1) (i32.add (local.get $row1) (local.get $width))))
      (local.set $factor2 (call $factorOf (local.get $row2) (i32.add (local.get $row2) (local.get $width))))
      (local.set $factor3 (call $factorOf (local.get $row3) (i32.add (local.get $row3) (local.get $width))))

      (local.set $end (i32.add (local.get $row0) (local.get $width)))
      (loop $nextNumbers
        ;; Two pairs of row 0, then two of row 1; two of row 2, then two of row 3.
        (local.set $upper
          (i16x8.narrow_i32x4_s
            (call $rounded (local.get $row0) (local.get $factor0))
            (call $rounded (local.get $row1) (local.get $factor1))))
        (local.set $lower
          (i16x8.narrow_i32x4_s
            (call $rounded (local.get $row2) (local.get $factor2))
            (call $rounded (local.get $row3) (local.get $factor3))))
        ;; The first pair of each, then the second.
        (v128.store (local.get $a)
          (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27
            (local.get $upper) (local.get $lower)))
        (v128.store offset=16 (local.get $a)
          (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31
            (local.get $upper) (local.get $lower)))
        (local.set $a (i32.add (local.get $a) (i32.const 32)))
        (local.set $row1 (i32.add (local.get $row1) (i32.const 16)))
        (local.set $row2 (i32.add (local.get $row2) (i32.const 16)))
        (local.set $row3 (i32.add (local.get $row3) (i32.const 16)))
        (local.set $row0 (i32.add (local.get $row0) (i32.const 16)))
        (br_if $nextNumbers (i32.lt_u (local.get $row0) (local.get $end))))

      (f32.store (local.get $a) (f32.div (f32.const 1) (local.get $factor0)))
      (f32.store offset=4 (local.get $a) (f32.div (f32.const 1) (local.get $factor1)))
      (f32.store offset=8 (local.get $a) (f32.div (f32.const 1) (local.get $factor2)))
      (f32.store offset=12 (local.get $a) (f32.div (f32.const 1) (local.get $factor3)))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))

      ;; $row3 stands at its end by now.
      (local.set $row0 (i32.add (local.get $row3) (i32.sub (local.get $stride) (local.get $width))))
      (br_if $nextBlock (i32.le_u (local.get $row0) (local.get $last)))))

  ;; What four sums are worth.
  (func $worth
    (param $sums v128) (param $rowStep v128) (param $columnSteps v128) (param $bias v128) (param $least v128)
    (result v128)
    (f32x4.pmax (local.get $least)
      (f32x4.add (local.get $bias)
        (f32x4.mul (local.get $columnSteps)
          (f32x4.mul (local.get $rowStep) (f32x4.convert_i32x4_s (local.get $sums)))))))

  ;; Writes 8 columns of a row.
  (func $write
    (param $result i32) (param $left v128) (param $right v128) (param $rowStep v128)
    (param $columnSteps i32)  ;; address; the biases stand behind them
    (param $least v128)
    (v128.store (local.get $result)
      (call $worth
        (local.get $left)
        (local.get $rowStep)
        (v128.load (local.get $columnSteps))
        (v128.load offset=32 (local.get $columnSteps))
        (local.get $least)))
    (v128.store offset=16 (local.get $result)
      (call $worth
        (local.get $right)
        (local.get $rowStep)
        (v128.load offset=16 (local.get $columnSteps))
        (v128.load offset=48 (local.get $columnSteps))
        (local.get $least))))

  ;; Writes A times B, plus the biases.
  (func (export "multiply")
    (param $a i32)       ;; address of A
    (param $rows i32)    ;; how many rows A has; at least one
    (param $pairs i32)   ;; how many pairs a row of A has; at least one
    (param $b i32)       ;; address of B
    (param $blocks i32)  ;; how many blocks B has; at least one
    (param $result i32)  ;; address of the first row of the result
    (param $stride i32)  ;; bytes from there to the next one
    (param $least f32)   ;; what is written in place of smaller numbers
    (local $at i32) (local $pair i32) (local $end i32)
    (local $result0 i32) (local $result1 i32) (local $result2 i32) (local $result3 i32) (local $last i32)
    (local $leasts v128)
    (local $zero v128)   ;; as locals begin
    (local $row v128) (local $left v128) (local $right v128)
    (local $left0 v128) (local $right0 v128)
    (local $left1 v128) (local $right1 v128)
    (local $left2 v128) (local $right2 v128)
    (local $left3 v128) (local $right3 v128)

    (local.set $leasts (f32x4.splat (local.get $least)))
    (local.set $last
      (i32.add (local.get $result) (i32.mul (local.get $stride) (i32.sub (local.get $rows) (i32.const 1)))))

    (loop $nextColumns
      (local.set $end (i32.add (local.get $b) (i32.shl (local.get $pairs) (i32.const 5))))
      (local.set $at (local.get $a))
      (local.set $result0 (local.get $result))

      (loop $nextRows
        (local.set $left0 (local.get $zero)) (local.set $right0 (local.get $zero))
        (local.set $left1 (local.get $zero)) (local.set $right1 (local.get $zero))
        (local.set $left2 (local.get $zero)) (local.set $right2 (local.get $zero))
        (local.set $left3 (local.get $zero)) (local.set $right3 (local.get $zero))

        (local.set $pair (local.get $b))
        (loop $nextPair
          ;; Columns 0 to 3, and 4 to 7.
          (local.set $left (v128.load (local.get $pair)))
          (local.set $right (v128.load offset=16 (local.get $pair)))

          ;; The pair of each row, four times over, meets both.
          (local.set $row (v128.load32_splat (local.get $at)))
          (local.set $left0 (i32x4.add (local.get $left0) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right0 (i32x4.add (local.get $right0) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $row (v128.load32_splat offset=4 (local.get $at)))
          (local.set $left1 (i32x4.add (local.get $left1) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right1 (i32x4.add (local.get $right1) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $row (v128.load32_splat offset=8 (local.get $at)))
          (local.set $left2 (i32x4.add (local.get $left2) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right2 (i32x4.add (local.get $right2) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $row (v128.load32_splat offset=12 (local.get $at)))
          (local.set $left3 (i32x4.add (local.get $left3) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right3 (i32x4.add (local.get $right3) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))

          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $pair (i32.add (local.get $pair) (i32.const 32)))
          (br_if $nextPair (i32.lt_u (local.get $pair) (local.get $end))))

        ;; $at stands at the steps of the rows by now, $pair at those of the columns.
        (local.set $result1 (call $leastOf (i32.add (local.get $result0) (local.get $stride)) (local.get $last)))
        (local.set $result2 (call $leastOf (i32.add (local.get $result1) (local.get $stride)) (local.get $last)))
        (local.set $result3 (call $leastOf (i32.add (local.get $result2) (local.get $stride)) (local.get $last)))
        (call $write (local.get $result0) (local.get $left0) (local.get $right0)
          (v128.load32_splat (local.get $at)) (local.get $pair) (local.get $leasts))
        (call $write (local.get $result1) (local.get $left1) (local.get $right1)
          (v128.load32_splat offset=4 (local.get $at)) (local.get $pair) (local.get $leasts))
        (call $write (local.get $result2) (local.get $left2) (local.get $right2)
          (v128.load32_splat offset=8 (local.get $at)) (local.get $pair) (local.get $leasts))
        (call $write (local.get $result3) (local.get $left3) (local.get $right3)
          (v128.load32_splat offset=12 (local.get $at)) (local.get $pair) (local.get $leasts))

        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $result0 (i32.add (local.get $result3) (local.get $stride)))
        (br_if $nextRows (i32.le_u (local.get $result0) (local.get $last))))

      (local.set $b (i32.add (local.get $end) (i32.const 64)))
      (local.set $result (i32.add (local.get $result) (i32.const 32)))
      (local.set $last (i32.add (local.get $last) (i32.const 32)))
      (br_if $nextColumns (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1)))))))
