;; A product of matrices in whole numbers: all rows of A times 8 columns of B.
;;
;; `i32x4.dot_i16x8_s` takes eight products of 16-bit numbers at once and adds them in pairs. So both
;; matrices are stored in pairs along the dimension that they share, and what a step of the inner loop needs
;; stands side by side:
;;
;;   A, in blocks of 4 rows      each pair: its two numbers of row 0, of row 1, of row 2, of row 3     16 bytes
;;   B, in blocks of 8 columns   each pair: its two numbers of column 0, of column 1 … of column 7     32 bytes
;;
;; While a block of B passes all of A it stays in the processor's nearest cache, and the 4 × 8 sums of one
;; block of A stay in registers.
(module
  (import "host" "memory" (memory 1))
  (func (export "multiplyByBlock")
    (param $a i32)       ;; address of A
    (param $blocks i32)  ;; how many blocks A has; at least one
    (param $b i32)       ;; address of the block of B
    (param $pairs i32)   ;; how many pairs a row of A has; at least one
    (param $sums i32)    ;; address of the first row's 8 sums
    (param $stride i32)  ;; bytes from there to those of the next row
    (local $pair i32) (local $end i32)
    (local $zero v128)   ;; as locals begin
    (local $row v128) (local $left v128) (local $right v128)
    (local $left0 v128) (local $right0 v128)
    (local $left1 v128) (local $right1 v128)
    (local $left2 v128) (local $right2 v128)
    (local $left3 v128) (local $right3 v128)

    (loop $nextBlock
      (local.set $left0 (local.get $zero)) (local.set $right0 (local.get $zero))
      (local.set $left1 (local.get $zero)) (local.set $right1 (local.get $zero))
      (local.set $left2 (local.get $zero)) (local.set $right2 (local.get $zero))
      (local.set $left3 (local.get $zero)) (local.set $right3 (local.get $zero))

      (local.set $pair (local.get $b))
      (local.set $end (i32.add (local.get $b) (i32.shl (local.get $pairs) (i32.const 5))))
      (loop $nextPair
        ;; Columns 0 to 3, and 4 to 7.
        (local.set $left (v128.load (local.get $pair)))
        (local.set $right (v128.load offset=16 (local.get $pair)))

        ;; The pair of each row, four times over, meets both.
        (local.set $row (v128.load32_splat (local.get $a)))
        (local.set $left0 (i32x4.add (local.get $left0) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
        (local.set $right0 (i32x4.add (local.get $right0) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
        (local.set $row (v128.load32_splat offset=4 (local.get $a)))
        (local.set $left1 (i32x4.add (local.get $left1) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
        (local.set $right1 (i32x4.add (local.get $right1) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
        (local.set $row (v128.load32_splat offset=8 (local.get $a)))
        (local.set $left2 (i32x4.add (local.get $left2) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
        (local.set $right2 (i32x4.add (local.get $right2) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
        (local.set $row (v128.load32_splat offset=12 (local.get $a)))
        (local.set $left3 (i32x4.add (local.get $left3) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
        (local.set $right3 (i32x4.add (local.get $right3) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))

        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $pair (i32.add (local.get $pair) (i32.const 32)))
        (br_if $nextPair (i32.lt_u (local.get $pair) (local.get $end))))

      (v128.store (local.get $sums) (local.get $left0))
      (v128.store offset=16 (local.get $sums) (local.get $right0))
      (local.set $sums (i32.add (local.get $sums) (local.get $stride)))
      (v128.store (local.get $sums) (local.get $left1))
      (v128.store offset=16 (local.get $sums) (local.get $right1))
      (local.set $sums (i32.add (local.get $sums) (local.get $stride)))
      (v128.store (local.get $sums) (local.get $left2))
      (v128.store offset=16 (local.get $sums) (local.get $right2))
      (local.set $sums (i32.add (local.get $sums) (local.get $stride)))
      (v128.store (local.get $sums) (local.get $left3))
      (v128.store offset=16 (local.get $sums) (local.get $right3))
      (local.set $sums (i32.add (local.get $sums) (local.get $stride)))

      ;; $a stands at the next block by now.
      (br_if $nextBlock (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1)))))))
