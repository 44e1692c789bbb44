// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title What every verifier contract that zkonnx generates has in common
/// @notice One contract belongs to one verification key, and so to one model. A call that returns is a proof that
/// verified; a call with anything else reverts. There is no boolean to forget.
interface IZkonnxVerifier {
    /// @dev The input has not as many bytes as the public input tensors of the model.
    error InputLength(uint256 expected, uint256 found);
    /// @dev The output has not as many bytes as the public output tensors of the model.
    error OutputLength(uint256 expected, uint256 found);
    /// @dev The context is not below the order r of the scalar field, so it would stand for the same value as context - r.
    error ContextNotInField(uint256 context);
    /// @dev A public signal, counted from 0, is not below r.
    error PublicSignalNotInField(uint256 index);
    /// @dev The curve precompiles refused the proof: a coordinate is not below q, a point is not on its curve or not in
    /// its subgroup. The same happens when the call runs out of gas.
    error ProofMalformed();
    /// @dev The proof is well formed, but it does not prove this statement.
    error ProofInvalid();

    /// @notice Returns if and only if `proof` proves that the model, run on `inputs`, gives `outputs`.
    /// @param inputs The public input tensors one after the other, each in row-major order, 8-bit elements as they are,
    /// wider elements big-endian. If the inputs are hashed: their commitment instead, 32 bytes big-endian. Nothing of them if
    /// they are private. Behind that, if the weights are hashed, the commitment of the weights: so it says of which model.
    /// @param outputs The outputs, in the same form.
    /// @param context The value that the requester chose, below r. A digest d becomes one by `uint256(d) >> 8`.
    /// @param proof A.x, A.y, B.x (imaginary, real), B.y (imaginary, real), C.x, C.y. A proof can be changed into another
    /// proof of the same statement by anyone: never use its bytes as an identity.
    function verifyInference(bytes calldata inputs, bytes calldata outputs, uint256 context, uint256[8] calldata proof)
        external
        view;

    /// @notice SHA-256 of the ONNX file. If the weights are hashed, of the file that the circuit was compiled from: other weights
    /// of the same architecture prove with the same key, and their commitment says which.
    function modelHash() external view returns (bytes32);

    /// @notice Version of the layout that packs tensors into public signals.
    function layoutVersion() external view returns (uint256);

    /// @notice What is public of the inputs: 0 the values, 1 nothing, 2 their Poseidon commitment.
    function inputVisibility() external view returns (uint256);

    /// @notice What is public of the outputs, likewise.
    function outputVisibility() external view returns (uint256);

    /// @notice What is public of the weights: 0 they are fixed by the key, 2 their Poseidon commitment.
    function weightsVisibility() external view returns (uint256);

    /// @notice How many bytes `inputs` must have.
    function inputLength() external view returns (uint256);

    /// @notice How many bytes `outputs` must have.
    function outputLength() external view returns (uint256);

    /// @notice Whether somebody may know the secret of the key, and so be able to forge proofs.
    function isDevelopmentKey() external view returns (bool);
}
